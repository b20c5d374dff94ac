"""What the law says of governments, from the few facts among many that decide; the law itself stays
in `domain`."""
