"""How views follow from events: pure folds and pure questions; never any I/O."""
