"""Tests of what stands beside the log: people, sources, the audit list."""
