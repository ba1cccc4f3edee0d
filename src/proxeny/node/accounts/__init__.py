"""Who: organisations, people, roles and what each may do."""
