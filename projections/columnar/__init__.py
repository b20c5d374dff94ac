"""The quick way to the answers about numbers: reckoned from columns, many claims at a stroke. The
law stays in `domain`; each answer is the one that the readable questions beside this room give."""
