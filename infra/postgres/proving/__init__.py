"""Proofs that a log is sound and that its views are what a replay gives; nothing here mends."""
