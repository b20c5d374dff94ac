"""Tables of claims on their way in and out: read, judged row by row, recorded, taken back, and
written again; how a format is read and written is `services/intake`'s."""
