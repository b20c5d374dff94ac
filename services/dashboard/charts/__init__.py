"""Charts: what they show as data, and how they are drawn as SVG; they never compute a number."""
