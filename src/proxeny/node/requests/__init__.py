"""Requests between authorities, sent and received, and their answers."""
