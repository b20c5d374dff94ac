"""The pages as they are asked for: each asks the house, builds its model and renders it."""
