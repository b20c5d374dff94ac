"""Tests of the proof of a store."""
