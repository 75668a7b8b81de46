"""A thousand clients that harm by being slow; a process of its own, so that who measures beside it
is not held up by it. Arguments: port, kind. Says "ready" and goes on until its input ends."""

import resource
import select
import socket
import sys

CROWD = 1000
GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
BODY = b"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"
READ = b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 20
# What each sends at first, and then every second.
KINDS = {
    "idle": (GET, b""),
    "heads": (GET[:-2], b"X: y\r\n"),
    "bodies": (BODY, b"x" * 100),
    "readers": (READ, b""),
}


def main(port: int, kind: str) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4 * CROWD), hard))
    first, drip = KINDS[kind]
    connections = []
    for _ in range(CROWD):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        connection.sendall(first)
        connections.append(connection)
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 1)[0]:
        for connection in connections if drip else ():
            try:
                connection.send(drip)
            except OSError:
                pass


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
