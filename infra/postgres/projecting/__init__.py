"""From the log to the rows of the views: batch by batch, or all of them anew; nothing here answers
a question."""
