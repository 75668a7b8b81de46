"""Restarts under load: a new server takes over, the old one ends, nobody is turned away."""

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import raw
from connections import GET
from harness import Server, binary
from threads import Threads

from tools.dev import processes
from tools.dev.databases import Databases

RESTARTS = 5
CLIENTS = 4


class Load(Threads):
    """Clients that connect anew for each request, as fast as they can."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.answered = 0
        self.failures: list[str] = []
        super().__init__(self.run, CLIENTS)

    def run(self, _: int, is_over: threading.Event) -> None:
        while not is_over.is_set():
            begun = time.monotonic()
            try:
                with socket.create_connection(("127.0.0.1", self.server.port), 10) as connection:
                    connection.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
                    status = raw.parse(raw.read_all(connection)).status
            except (OSError, AssertionError) as error:
                self.failures.append(f"{error!r} after {time.monotonic() - begun:.3f} s")
                continue
            if status == 200:
                self.answered += 1
            else:
                self.failures.append(f"status {status}")


def take_over(server: Server, log: Path) -> None:
    """What an operator does: start the new one, wait until it listens, end the old one."""
    old = server.process
    assert old
    server.process = processes.spawn(
        [str(binary()), "serve", "--takeover"],
        log,
        environment=server.environment,
        cwd=server.folder,
    )
    listens = '"event": "server.listening"'
    assert processes.wait_until(lambda: log.exists() and listens in log.read_text(), 60)
    assert processes.stop(old) == 0


def test_restarts_under_load_turn_nobody_away(
    databases: Databases, make_server: Callable[..., Server], scratch: Path
) -> None:
    server = make_server(databases).prepare().start()
    with Load(server) as load:
        for number in range(RESTARTS):
            before = load.answered
            take_over(server, scratch / f"takeover-{number}.log")
            # The new one alone answers.
            assert processes.wait_until(lambda: load.answered > before + 200, 30)
    print(f"{load.answered} answered over {RESTARTS} restarts, {len(load.failures)} failed")
    assert load.failures == []


@pytest.mark.parametrize("threads", [("1", "3"), ("8", "1")])
def test_the_number_of_threads_may_change(
    databases: Databases,
    make_server: Callable[..., Server],
    scratch: Path,
    threads: tuple[str, str],
) -> None:
    first, second = threads
    server = make_server(databases, LOOP_THREADS=first).prepare().start()
    with Load(server) as load:
        server.settings["LOOP_THREADS"] = second
        take_over(server, scratch / f"threads-{first}-{second}.log")
        before = load.answered
        assert processes.wait_until(lambda: load.answered > before + 200, 30)
    assert load.failures == []


def test_a_takeover_of_nobody_is_a_start(
    databases: Databases, make_server: Callable[..., Server], scratch: Path
) -> None:
    server = make_server(databases).prepare()
    server.process = processes.spawn(
        [str(binary()), "serve", "--takeover"],
        scratch / "alone.log",
        environment=server.environment,
        cwd=server.folder,
    )
    server.wait_ready()
    # It is as exclusive as any other.
    second = server.aizy("serve", check=False)
    assert second.returncode != 0
    assert "Address already in use" in second.stderr
