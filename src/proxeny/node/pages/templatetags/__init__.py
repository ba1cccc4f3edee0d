"""Template tags that let Django's templates use the pages' own parts."""
