"""Intake: how claims come in from outside; each format in a module or folder of its own, none of
which decides what the desk may do."""
