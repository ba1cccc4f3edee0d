"""What was decided on series, and what came of it."""
