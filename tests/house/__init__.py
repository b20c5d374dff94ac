"""The tests of the house: size, names, layers, locks, packaging and documents; nothing about what
article20 does."""
