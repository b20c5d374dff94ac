"""What the desk keeps beside the log: people, sources, deliveries, feeds, imports, and the
audit list."""
