"""The quick way to the answers about numbers: reckoned from columns, many claims at a stroke. The
law stays in `domain`; each answer is the one that the readable questions beside this room give.

`terms`: what a claim adds; `shelf`: the columns kept at hand; `legal`: what the law says of them;
`numbers`: pressure, erosion and backing; `criticism`: its matrix; `opened`: a government or a
number opened."""
