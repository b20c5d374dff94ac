"""Reports: documents as of two clocks, the same bytes every time; they never ask the time."""
