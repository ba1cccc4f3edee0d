"""One module per kind: ``normalise`` gives the normal form or raises SelectorError."""
