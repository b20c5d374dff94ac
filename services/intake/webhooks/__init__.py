"""Signed webhooks: signatures, CloudEvents, sameness; it never answers HTTP by itself."""
