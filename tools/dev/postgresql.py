"""A private PostgreSQL: the administrators' database."""

import os
import signal
from collections.abc import Sequence
from pathlib import Path

import psycopg2

from . import processes
from .errors import DevError
from .server import DatabaseServer


class PostgreSql(DatabaseServer):
    """Its only account is `aizy`, with a password; no socket, only 127.0.0.1."""

    name = "PostgreSQL"
    account = "postgres"
    # "Fast": does not wait for clients to leave.
    stop_signal = signal.SIGINT

    def install_command(self) -> Sequence[str]:
        password_file = self.folder / "password"
        password_file.unlink(missing_ok=True)
        descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(self.password)
        if self._account():
            os.chown(password_file, self.data.stat().st_uid, self.data.stat().st_gid)
        return [
            _program("initdb"),
            *self.data_arguments(),
            "--username=aizy",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            *([] if self.durable else ["--no-sync"]),
        ]

    def command(self) -> Sequence[str]:
        (self.folder / "password").unlink(missing_ok=True)
        # Nobody has the data any more, or this would not be asked; but PostgreSQL takes the
        # zombie of a killed server, where nobody reaps it, for a live one.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "shared_buffers": "32MB",
        }
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [_program("postgres"), *self.data_arguments(), *options]

    def data_arguments(self) -> Sequence[str]:
        return ["-D", str(self.data)]

    def leftovers(self) -> list[int]:
        # Its children change their command line; all of them work in data/.
        children = processes.working_in(self.data, "postgres")
        return sorted({*super().leftovers(), *children})

    def connect(self, database: str = "postgres") -> psycopg2.extensions.connection:
        """As `aizy`, committing by itself; for tests that look into it."""
        connection = psycopg2.connect(self.url(database), connect_timeout=5)
        connection.autocommit = True
        return connection

    def ping(self) -> None:
        try:
            self.connect().close()
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error):
                raise self.wrong_password() from error
            raise

    def after_ready(self) -> None:
        self.create_database("aizy")

    def create_database(self, name: str) -> None:
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{name}"')
        connection.close()

    def drop_database(self, name: str) -> None:
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.close()

    def url(self, database: str = "aizy") -> str:
        return f"postgresql://aizy:{self.password}@127.0.0.1:{self.port}/{database}"


def _program(name: str) -> str:
    # Debian keeps them per version, off the PATH.
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=_version)
    if not found:
        raise DevError(f"PostgreSQL's {name} is missing: apt-get install postgresql")
    return str(found[-1])


def _version(program: Path) -> int:
    version = program.parts[-3]
    return int(version) if version.isdigit() else 0
