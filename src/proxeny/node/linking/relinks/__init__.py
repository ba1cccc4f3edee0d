"""The nightly relink: everything linked anew, and what that would change."""
