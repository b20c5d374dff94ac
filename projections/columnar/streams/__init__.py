"""The same answers from columns of a government that are too many to be at hand: rows pass by in
order, some at a time, and few are held."""
