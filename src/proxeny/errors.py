"""The tree of errors: each class answers *what should I do now?*

Every error carries a stable code (``PXY-...``), one line of what is wrong, one
line of what to do, and structured fields. No message holds personal data: fields
carry references, never narratives, names or selectors in clear.
"""

from typing import ClassVar


class ProxenyError(Exception):
    """Root of every error that Proxeny raises on purpose.

    Args:
        message: what is wrong, one line for a person.
        code: stable code; default is the class's own.
        advice: what to do, one line; default is the class's own.
        fields: references that help a program (``where``, ``limit_bytes``, ...).
    """

    code: ClassVar[str] = "PXY-ERROR"
    advice: ClassVar[str] = "Report this with the code and what you did."
    exit_code: ClassVar[int] = 2

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        advice: str | None = None,
        **fields: object,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.stable_code = code or type(self).code
        self.what_to_do = advice or type(self).advice
        self.fields = fields


class InputError(ProxenyError):
    """What came from outside can't be used: mend it and try again."""

    code = "PXY-INPUT"
    advice = "Correct the input and try again."


class LimitError(InputError):
    """The input is over a named limit."""

    code = "PXY-LIMIT"
    advice = "Split or shorten the input; the limit is named in the message."


class NotFoundError(ProxenyError):
    """There is no such thing, or it isn't yours to see: both look alike."""

    code = "PXY-NOT-FOUND"
    advice = "Check the reference; ask your supervisor if you should have access."


class ForbiddenError(ProxenyError):
    """Your role may not do this to a thing that you may see."""

    code = "PXY-FORBIDDEN"
    advice = "Ask a colleague whose role may do it."


class StateError(ProxenyError):
    """The thing is not in a state in which this can be done."""

    code = "PXY-STATE"
    advice = "Look at its present state and choose one of the steps offered there."


class UnreachableError(ProxenyError):
    """Something needed is not reachable now: try again later."""

    code = "PXY-UNREACHABLE"
    advice = "Check that it runs and can be reached, then try again."
    exit_code = 3


class ConfigError(ProxenyError):
    """The node's folder or configuration is not usable: an operator mends it."""

    code = "PXY-CONFIG"
    advice = "Run `proxeny check` and follow its advice."
