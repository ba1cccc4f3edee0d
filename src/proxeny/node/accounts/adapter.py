"""allauth's adapter: nobody signs up; accounts are made by the authority."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types.
    """Closes the sign-up."""

    def is_open_for_signup(self, request: Any) -> bool:
        """Never."""
        del request
        return False
