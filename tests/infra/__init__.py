"""Tests of files, mail, outgoing HTTP and, in its room, PostgreSQL."""
