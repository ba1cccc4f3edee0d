"""A request on paper."""
