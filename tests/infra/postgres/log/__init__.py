"""Tests of the log: appending, reading, following."""
