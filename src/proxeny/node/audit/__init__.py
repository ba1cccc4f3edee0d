"""What was seen and done: one row a page or call, folded into an RFC 6962 tree."""
