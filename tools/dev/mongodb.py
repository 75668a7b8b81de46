"""A private server that speaks MongoDB's protocol: which one, and how each is run."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pymongo
from pymongo.errors import OperationFailure

from . import secantus
from .server import DatabaseServer

NOT_YET_INITIALIZED = 94


class MongoServer(DatabaseServer):
    """No accounts: it listens on 127.0.0.1 only."""

    name = "MongoDB"
    replica_set = ""

    def connect(self) -> pymongo.MongoClient:
        """Straight to this server; for tests that look into the store."""
        return pymongo.MongoClient(
            f"mongodb://127.0.0.1:{self.port}/?directConnection=true",
            serverSelectionTimeoutMS=2000,
            connectTimeoutMS=2000,
            socketTimeoutMS=30000,
        )

    def ping(self) -> None:
        with self.connect() as client:
            client.admin.command("ping")

    def create_database(self, name: str) -> None:
        """A database is there with its first document."""

    def drop_database(self, name: str) -> None:
        with self.connect() as client:
            client.drop_database(name)

    def url(self, database: str = "aizy") -> str:
        return f"mongodb://127.0.0.1:{self.port}/{database}?replicaSet={self.replica_set}"


class Secantus(MongoServer):
    """SecantusDB, in Rust or in Python: the same options, a replica set of one by itself."""

    name = "SecantusDB"
    replica_set = "secantus"

    def __init__(self, program: Path, folder: Path, password: str, durable: bool = True) -> None:
        super().__init__(folder, password, durable)
        self.program = program

    def drop_database(self, name: str) -> None:
        """The one in Python takes milliseconds for each entry of an index, minutes for a catalogue
        with its words: there the database goes with the folder."""
        if self.program.name != secantus.PYTHON_PROGRAM:
            super().drop_database(name)

    def command(self) -> Sequence[str]:
        # An empty file keeps it from reading somebody's own configuration.
        configuration = self.folder / "secantusd.toml"
        configuration.touch()
        return [
            str(self.program),
            "--config",
            str(configuration),
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            *self.data_arguments(),
            # Without it a kill -9 loses acknowledged writes.
            "--sync-on-commit",
            "--log-level",
            "WARNING",
        ]

    def data_arguments(self) -> Sequence[str]:
        return ["--storage-path", str(self.data)]


class Mongod(MongoServer):
    """MongoDB's own server as a replica set of one."""

    name = "mongod"
    replica_set = "aizy"

    def command(self) -> Sequence[str]:
        return [
            "mongod",
            *self.data_arguments(),
            "--port",
            str(self.port),
            "--bind_ip",
            "127.0.0.1",
            "--nounixsocket",
            "--replSet",
            self.replica_set,
        ]

    def data_arguments(self) -> Sequence[str]:
        return ["--dbpath", str(self.data)]

    def after_ready(self) -> None:
        """Make it a replica set; after a change of port, the same one under its new address."""
        member = {"_id": 0, "host": f"127.0.0.1:{self.port}"}
        wanted = {"_id": self.replica_set, "version": 1, "members": [member]}
        with self.connect() as client:
            try:
                current = client.admin.command("replSetGetConfig")["config"]
                if current["members"][0]["host"] != member["host"]:
                    current["members"][0]["host"] = member["host"]
                    current["version"] += 1
                    client.admin.command("replSetReconfig", current, force=True)
            except OperationFailure as error:
                if error.code != NOT_YET_INITIALIZED:
                    raise
                client.admin.command("replSetInitiate", wanted)
            # Selecting a primary waits for the election.
        with pymongo.MongoClient(self.url(), serverSelectionTimeoutMS=30000) as client:
            client.admin.command("ping")


def mongo_server(folder: Path, durable: bool, kind: str = "") -> MongoServer:
    """The first that is there; kind "py" asks for the Python one, whatever else is there.

    Each keeps its data in a folder of its own: none reads another's.
    """
    if kind == "py":
        return Secantus(secantus.python_program(), folder / "secantus-py", "", durable)
    if shutil.which("mongod"):
        return Mongod(folder / "mongod", "", durable)
    program = secantus.program()
    return Secantus(program, folder / program.name.replace("secantusd", "secantus"), "", durable)
