"""A way to a store on which some of what clients say is never answered, and all else is."""

import selectors
import socket
import threading
from collections.abc import Callable

# Of a client's message, as it came over the wire: whether it is one that nobody answers.
IsUnheard = Callable[[bytes], bool]
STEP_S = 0.05


class HalfDeaf:
    """Forwards from a port of its own to the store's until closed; deaf() and hears_again()."""

    def __init__(self, store_port: int, is_unheard: IsUnheard) -> None:
        self.store_port = store_port
        self.is_unheard = is_unheard
        self._is_deaf = threading.Event()
        self._is_over = threading.Event()
        self._others: dict[socket.socket, socket.socket] = {}
        self._unheard: set[socket.socket] = set()
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def deaf(self) -> None:
        self._is_deaf.set()

    def hears_again(self) -> None:
        """What was not heard stays so, and its connection ends, as it does of a server that was
        restarted."""
        self._is_deaf.clear()

    def close(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.is_set():
            for key, _ in self._selector.select(STEP_S):
                if key.fileobj is self._listener:
                    self._accept()
                elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._others:
                    self._forward(key.fileobj, from_client=bool(key.data))
            if not self._is_deaf.is_set():
                for client in list(self._unheard):
                    self._end(client)
        for one in list(self._others):
            self._end(one)
        self._selector.unregister(self._listener)
        self._listener.close()
        self._selector.close()

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        store = socket.create_connection(("127.0.0.1", self.store_port))
        for one, other, from_client in ((client, store, True), (store, client, False)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._others[one] = other
            self._selector.register(one, selectors.EVENT_READ, from_client)

    def _forward(self, one: socket.socket, from_client: bool) -> None:
        try:
            data = one.recv(1 << 20)
            if from_client and self._is_deaf.is_set() and self.is_unheard(data):
                self._unheard.add(one)
                return
            if data:
                self._others[one].sendall(data)
                return
        except OSError:
            pass
        self._end(one)

    def _end(self, one: socket.socket) -> None:
        """Both sides."""
        self._unheard.discard(one)
        other = self._others.pop(one, None)
        if other is None:
            return
        self._selector.unregister(one)
        one.close()
        self._end(other)
