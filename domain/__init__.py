"""What is true: pure rules, events and numbers; never any I/O, clock or randomness."""
