"""Tests of what people and machines talk to."""
