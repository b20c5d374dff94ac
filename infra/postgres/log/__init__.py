"""The log: what appends to it, what reads it, what follows it; the views are no business of it."""
