"""Faults provoked for real, each ending with the same proof; nothing here mocks the store."""
