"""Sockets that are passed as systemd passes them: LISTEN_FDS, from descriptor 3 on."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from harness import Server, binary

from tools.dev import processes

# Descriptors go to 3, 4, ... of this process, which then becomes the server: its id is LISTEN_PID.
LAUNCHER = """
import os, sys
pid, descriptors, program = sys.argv[1], list(map(int, sys.argv[2].split(","))), sys.argv[3:]
kept = [os.dup2(os.dup(one), 100 + number) for number, one in enumerate(descriptors)]
for number, one in enumerate(kept):
    os.dup2(one, 3 + number, inheritable=True)
os.environ |= {"LISTEN_FDS": str(len(kept)), "LISTEN_PID": pid or str(os.getpid()),
               "LISTEN_FDNAMES": "api"}
os.closerange(3 + len(kept), 200)
os.execv(program[0], program)
"""


def listening() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0), backlog=128)


def launch(
    server: Server, sockets: list[socket.socket], pid: str = "", **settings: str
) -> subprocess.Popen[bytes]:
    for one in sockets:
        os.set_inheritable(one.fileno(), True)
    numbers = ",".join(str(one.fileno()) for one in sockets)
    command = ["/usr/bin/python3", "-c", LAUNCHER, pid, numbers, str(binary()), "serve"]
    with open(server.log, "ab") as log:
        return subprocess.Popen(command, env=server.environment | settings, cwd=server.folder,
                                stderr=log, close_fds=False)


@contextmanager
def serving(server: Server, sockets: list[socket.socket], **options: str) -> Iterator[int]:
    process = launch(server, sockets, **options)
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, server.log_text()[-2000:]


def answers(one: socket.socket) -> bool:
    try:
        url = f"http://127.0.0.1:{one.getsockname()[1]}/readyz"
        return requests.get(url, timeout=20).status_code == 200
    except requests.RequestException:
        return False


@pytest.fixture(scope="module", name="idle")
def fixture_idle(databases, make_server) -> Server:
    """Migrated, not started."""
    return make_server(databases).prepare()


def test_what_is_passed_is_served_by_every_loop(idle: Server) -> None:
    first, second = listening(), listening()
    with serving(idle, [first, second], LISTEN="127.0.0.1:1,127.0.0.1:2", LOOP_THREADS="3") as pid:
        for one in (first, second):
            assert processes.wait_until(lambda one=one: answers(one), 30), idle.log_text()
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            assert b"serve" in file.read()
        # By each socket's own descriptor and two copies; none would survive an exec.
        inode = os.fstat(first.fileno()).st_ino
        folder = f"/proc/{pid}/fd"
        copies = [name for name in os.listdir(folder)
                  if os.readlink(f"{folder}/{name}") == f"socket:[{inode}]"]
        assert len(copies) == 3
        for name in copies:
            with open(f"/proc/{pid}/fdinfo/{name}", encoding="ascii") as file:
                flags = next(line.split()[1] for line in file if line.startswith("flags:"))
            assert int(flags, 8) & os.O_CLOEXEC
    first.close()
    second.close()


def test_whoever_comes_between_two_servers_waits_for_the_next(idle: Server) -> None:
    one = listening()
    with serving(idle, [one]):
        assert processes.wait_until(lambda: answers(one), 30), idle.log_text()
    with socket.create_connection(one.getsockname(), 30) as early:
        early.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        with serving(idle, [one]):
            assert early.recv(15) == b"HTTP/1.1 200 OK"
    one.close()


def test_those_of_another_process_are_left_alone(idle: Server) -> None:
    one = listening()
    with serving(idle, [one], pid="1"):
        assert processes.wait_until(lambda: idle.status() == 200, 30), idle.log_text()
    one.close()


@pytest.mark.parametrize("kind", ["too many", "not listened on", "datagrams"])
def test_what_cannot_be_served_is_refused(idle: Server, kind: str) -> None:
    sockets = {
        "too many": lambda: [listening(), listening()],
        "not listened on": lambda: [socket.socket()],
        "datagrams": lambda: [socket.socket(type=socket.SOCK_DGRAM)],
    }[kind]()
    known = len(idle.log_text())
    process = launch(idle, sockets)
    try:
        assert process.wait(30) == 1
    finally:
        process.kill()
    said = "http.passed_sockets_refused" if kind == "too many" else "http.passed_socket_refused"
    assert f'"{said}"' in idle.log_text()[known:]
    for one in sockets:
        one.close()
