"""A private MariaDB."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pymysql

from .server import DatabaseServer

ACCESS_DENIED = 1045
# In the data folder.
SOCKET = "mariadb.sock"


class MariaDb(DatabaseServer):
    """The account `aizy`, over TCP and the socket, for databases whose name begins with aizy."""

    name = "MariaDB"
    account = "mysql"

    def install_command(self) -> Sequence[str]:
        accounts = self.folder / "accounts.sql"
        accounts.unlink(missing_ok=True)
        descriptor = os.open(accounts, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(
                "FLUSH PRIVILEGES;\n"
                + "".join(
                    f"CREATE USER aizy@'{host}' IDENTIFIED BY '{self.password}';\n"
                    f"GRANT ALL PRIVILEGES ON `aizy%`.* TO aizy@'{host}';\n"
                    for host in ("127.0.0.1", "localhost")
                )
            )
        if self._account():
            os.chown(accounts, self.data.stat().st_uid, self.data.stat().st_gid)
        return [
            "mariadb-install-db",
            "--no-defaults",
            *self.data_arguments(),
            "--auth-root-authentication-method=socket",
            "--skip-test-db",
            "--skip-name-resolve",
            f"--extra-file={accounts}",
            f"--tmpdir={self._temporary_folder()}",
            *self._storage_options(),
        ]

    def command(self) -> Sequence[str]:
        (self.folder / "accounts.sql").unlink(missing_ok=True)
        return [
            _mariadbd(),
            "--no-defaults",
            *self.data_arguments(),
            "--bind-address=127.0.0.1",
            f"--port={self.port}",
            # Relative to data/: the path of a socket may have 107 bytes only.
            f"--socket={SOCKET}",
            "--pid-file=mariadb.pid",
            f"--tmpdir={self._temporary_folder()}",
            "--skip-name-resolve",
            "--character-set-server=utf8mb4",
            "--innodb-buffer-pool-size=128M",
            "--max-connections=300",
            *self._storage_options(),
        ]

    def _temporary_folder(self) -> Path:
        """Its own: a MariaDB that starts removes every temporary table it finds in /tmp, those of
        others too, and whoever is just making its data then fails."""
        folder = self.folder / "tmp"
        folder.mkdir(mode=0o700, exist_ok=True)
        if self._account():
            shutil.chown(folder, self._account(), self._account())
        return folder

    def _storage_options(self) -> list[str]:
        if self.durable:
            return ["--innodb-flush-log-at-trx-commit=1", "--innodb-log-file-size=64M"]
        # Survives a kill -9 of the server, not of the machine.
        return [
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-flush-method=nosync",
            "--innodb-log-file-size=16M",
            "--innodb-doublewrite=0",
        ]

    def data_arguments(self) -> Sequence[str]:
        return [f"--datadir={self.data}"]

    def connect(
        self, database: str | None = None, timeout_s: int = 30
    ) -> pymysql.connections.Connection:
        """As `aizy`, committing by itself; for tests that look into the store."""
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="aizy",
            password=self.password,
            database=database,
            charset="utf8mb4",
            autocommit=True,
            connect_timeout=5,
            read_timeout=timeout_s,
        )

    def ping(self) -> None:
        try:
            self.connect(timeout_s=5).close()
        except pymysql.err.OperationalError as error:
            if error.args[0] == ACCESS_DENIED:
                raise self.wrong_password() from error
            raise

    def after_ready(self) -> None:
        self.create_database("aizy")

    def create_database(self, name: str) -> None:
        self._execute(f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4")

    def drop_database(self, name: str) -> None:
        self._execute(f"DROP DATABASE IF EXISTS `{name}`")

    def _execute(self, statement: str) -> None:
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def url(self, database: str = "aizy") -> str:
        return f"mysql://aizy:{self.password}@127.0.0.1:{self.port}/{database}"

    def socket_url(self, database: str = "aizy") -> str:
        """The same past TCP; for programs of the same user as the server's, or root's."""
        return f"mysql://aizy:{self.password}@localhost/{database}?socket={self.data}/{SOCKET}"


def _mariadbd() -> str:
    # In Debian it is no command for users: /usr/sbin is not on everyone's PATH.
    for candidate in (Path("/usr/sbin/mariadbd"), Path("/usr/libexec/mariadbd")):
        if candidate.exists():
            return str(candidate)
    return "mariadbd"
