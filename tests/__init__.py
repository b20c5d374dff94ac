"""The tests; the folders mirror the four packages, and each docstring is a behaviour."""
