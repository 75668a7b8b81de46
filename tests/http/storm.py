"""Many clients that write, all the time, while something happens to a store."""

import secrets
import threading
from collections.abc import Callable

import requests
from threads import Threads

from tools.dev import processes

WRITERS = 6
EXPECTED = {201, 503}


class Storm(Threads):
    """Writers that go on until they are told to end; what each was answered, by what it sent."""

    def __init__(self, write: Callable[[str], requests.Response]) -> None:
        self.statuses: dict[str, int] = {}
        self.codes: dict[str, str] = {}
        self._write = write
        super().__init__(self._write_on, WRITERS)

    def _write_on(self, _: int, is_over: threading.Event) -> None:
        while not is_over.is_set():
            name = secrets.token_hex(8)
            answer = self._write(name)
            self.codes[name] = answer.json().get("code", "")
            self.statuses[name] = answer.status_code

    def wait_for(self, status: int, count: int) -> None:
        def seen() -> bool:
            return list(self.statuses.values()).count(status) >= count

        assert processes.wait_until(seen, 30), self.statuses

    def assert_true_to(self, found: set[str]) -> None:
        """What was promised is there, what was refused is not; nobody knows of the rest."""
        assert set(self.statuses.values()) <= EXPECTED, self.statuses
        codes = {name: self.codes[name] or "promised" for name in self.statuses}
        lost = [name for name in codes if codes[name] == "promised" and name not in found]
        assert not lost, "promised, and not there"
        known = ("promised", "outcome_unknown")
        done = {name: codes[name] for name in found if codes[name] not in known}
        assert not done, f"refused, and there: {done}"
