"""The three servers together: what ./dev, the tests and the benchmarks start."""

import secrets
import time
from collections.abc import Collection
from pathlib import Path

from . import processes
from .mariadb import MariaDb
from .mongodb import MongoServer, mongo_server
from .postgresql import PostgreSql
from .server import DatabaseServer

# The variable that names each, in the order they are started.
VARIABLES = ("DATABASE_URL", "MONGODB_URI", "ADMIN_DATABASE_URL")


class Databases:
    """MariaDB, a MongoDB server and PostgreSQL under one folder, on free loopback ports.

    wanted: which of VARIABLES to have; the members of the others are not there.
    durable=False trades survival of a power cut for speed; a kill -9 is survived either way.
    As root the folder and all above it must be open to the users mysql and postgres.
    """

    mysql: MariaDb
    mongo: MongoServer
    admin: PostgreSql

    def __init__(
        self,
        folder: Path,
        *,
        password: str = "",
        durable: bool = True,
        mongo: str = "",
        wanted: Collection[str] = VARIABLES,
    ) -> None:
        password = password or secrets.token_hex(16)
        self.servers: dict[str, DatabaseServer] = {}
        if "DATABASE_URL" in wanted:
            self.mysql = MariaDb(folder / "mariadb", password, durable)
            self.servers["DATABASE_URL"] = self.mysql
        if "MONGODB_URI" in wanted:
            self.mongo = mongo_server(folder, durable, mongo)
            self.servers["MONGODB_URI"] = self.mongo
        if "ADMIN_DATABASE_URL" in wanted:
            self.admin = PostgreSql(folder / "postgresql", password, durable)
            self.servers["ADMIN_DATABASE_URL"] = self.admin

    def start(self) -> None:
        """All at once; whatever fails, none stays behind."""
        try:
            for server in self.servers.values():
                server.launch()
            for server in self.servers.values():
                server.wait_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        with processes.undisturbed():
            for server in self.servers.values():
                server.stop()

    def environment(self, database: str = "aizy") -> dict[str, str]:
        """The variables that make aizy use them."""
        return {variable: server.url(database) for variable, server in self.servers.items()}

    def create(self, database: str) -> None:
        """A database of that name on each server; it begins with "aizy"."""
        for server in self.servers.values():
            server.create_database(database)

    def drop(self, database: str) -> None:
        for server in self.servers.values():
            server.drop_database(database)

    def ended(self) -> list[DatabaseServer]:
        """Those that have ended without being asked to."""
        servers = self.servers.values()
        return [server for server in servers if server.process and not server.running]

    def __enter__(self) -> "Databases":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def fresh_name() -> str:
    """A database name that nobody has used: time, so that leftovers can be told, and chance."""
    return f"aizy_{int(time.time()):x}_{secrets.token_hex(4)}"
