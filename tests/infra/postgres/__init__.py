"""Tests of PostgreSQL: the server, its schema, and what belongs to no room alone."""
