"""Pressure, erosion and backing: of one government or all, on a day or as they would be had the
desk decided otherwise."""
