"""Selectors that this node holds, who holds them, and each mention with its role."""
