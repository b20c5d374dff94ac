"""From the rows of the views to answers, each from one snapshot; nothing here writes."""
