"""What each claim adds to a number, many claims at a stroke: the law asked once of each profile,
its answers given to whole columns."""
