"""The facts of all governments side by side, taken from stored columns and kept at hand: what is
believed at a point of the two clocks; nothing is reckoned here."""
