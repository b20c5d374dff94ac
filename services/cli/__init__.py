"""The command line `article20`: reads arguments, calls the services and words the outcome; it never
decides anything itself."""

from services.cli.program import main

__all__ = ["main"]
