"""Runs several calls at the same moment, each with a connection of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")
LONGEST_S = 30


def run_together(calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Start all calls at one moment; their answers in order.

    Raises:
        Exception: the first that a call raised.
    """
    start = threading.Barrier(len(calls))
    answers: dict[int, Answer] = {}
    errors: list[Exception] = []

    def work(number: int) -> None:
        try:
            start.wait(LONGEST_S)
            answers[number] = calls[number]()
        except Exception as error:  # noqa: BLE001 - told to the test below
            errors.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=work, args=(number,)) for number in range(len(calls))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST_S)
    if errors:
        raise errors[0]
    return [answers[number] for number in range(len(calls))]
