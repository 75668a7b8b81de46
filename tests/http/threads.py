"""Threads beside a test, and calls that are made at the same moment."""

import threading
from collections.abc import Callable
from typing import Self

import requests

# A thread's number, from 0; what is set when it is to end.
Work = Callable[[int, threading.Event], None]

MANY = 50


class Threads:
    """Work from the beginning of a `with` to its end, which waits for it.

    What a thread raises ends that thread alone, and the `with` raises it at its end.
    """

    def __init__(self, work: Work, count: int) -> None:
        self._work = work
        self._is_over = threading.Event()
        self._errors: list[BaseException] = []
        self._threads = [threading.Thread(target=self._run, args=(number,))
                         for number in range(count)]

    def _run(self, number: int) -> None:
        try:
            self._work(number, self._is_over)
        except BaseException as error:
            self._errors.append(error)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        if self._errors:
            raise self._errors[0]


def at_once(call: Callable[[int], requests.Response], count: int = MANY) -> list[requests.Response]:
    """All leave at the same moment."""
    answers: list[requests.Response] = []
    gate = threading.Barrier(count)

    def run(number: int, _: threading.Event) -> None:
        gate.wait()
        answers.append(call(number))

    with Threads(run, count):
        pass
    assert len(answers) == count
    return answers
