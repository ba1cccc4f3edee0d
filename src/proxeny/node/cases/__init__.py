"""Cases: what is investigated, and what happened in it."""
