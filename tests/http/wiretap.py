"""What a server asks MongoDB: a way to it that keeps the commands that pass."""

import contextlib
import socket
import struct
import threading
from typing import Any

import bson

HEADER = struct.Struct("<iiii")
OP_MSG = 2013
FLAGS_AND_KIND = 5


class Wiretap:
    """Forwards bytes to a port of this machine; `commands` has the commands of the way there.

    Clients must be told directConnection=true, else they learn the server's own address.
    """

    def __init__(self, port: int) -> None:
        self.port_there = port
        self.commands: list[dict[str, Any]] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Wiretap":
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def finds(self, collection: str) -> list[dict[str, Any]]:
        """The queries of one collection so far, and forgets them."""
        found = [command for command in self.commands if command.get("find") == collection]
        self.commands.clear()
        return found

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _ = self.listener.accept()
                there = socket.create_connection(("127.0.0.1", self.port_there))
                for pump in (self._forth, self._back):
                    threading.Thread(target=pump, args=(here, there), daemon=True).start()

    def _forth(self, here: socket.socket, there: socket.socket) -> None:
        with contextlib.suppress(OSError), here, there, here.makefile("rb") as stream:
            while len(head := stream.read(HEADER.size)) == HEADER.size:
                size, _, _, operation = HEADER.unpack(head)
                body = stream.read(size - HEADER.size)
                if operation == OP_MSG and body[4] == 0:
                    (length,) = struct.unpack_from("<i", body, FLAGS_AND_KIND)
                    command = body[FLAGS_AND_KIND : FLAGS_AND_KIND + length]
                    self.commands.append(bson.decode(command))
                there.sendall(head + body)

    def _back(self, here: socket.socket, there: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := there.recv(65536):
                here.sendall(data)
