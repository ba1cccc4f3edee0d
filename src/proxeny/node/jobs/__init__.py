"""One place for work that happens later: a leased table."""
