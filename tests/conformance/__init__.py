"""Our log held against the event sourcing library's own cases, and against its memory store."""
