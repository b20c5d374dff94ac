"""Tests of PostgreSQL, files, mail and outgoing HTTP."""
