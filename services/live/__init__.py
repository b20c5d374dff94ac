"""Streams that tell open pages what changed; it never carries the answers themselves."""
