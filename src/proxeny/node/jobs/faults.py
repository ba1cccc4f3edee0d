"""Named points at which a test may have this very process killed.

``PROXENY_FAULT=deliver.sealed`` sends the process SIGKILL the first time it reaches
that point, as a power cut would. Without the variable a point costs one look-up.
"""

import os
import signal

POINTS = (
    "deliver.sealed",
    "deliver.posted",
    "deliver.settled",
    "inbox.stored",
    "inbox.opened",
    "inbox.applied",
    "inbox.settled",
    "job.leased",
)
_armed = os.environ.get("PROXENY_FAULT", "")


def reach(point: str) -> None:
    """Die here if a test asked for it."""
    if point == _armed:
        os.kill(os.getpid(), signal.SIGKILL)
