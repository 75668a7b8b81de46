"""Faults at the choke points of the drivers (stores/fault_injection.h), and what they did."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymysql
from harness import Server

from tools.dev import processes

# What is counted, so that half of a change shows: rows, and versions where rows are changed.
MYSQL_COUNTS = {
    "users": "SELECT COUNT(*) FROM users",
    "user versions": "SELECT CAST(COALESCE(SUM(version), 0) AS SIGNED) FROM users",
    "sessions": "SELECT COUNT(*) FROM sessions",
    "outbox": "SELECT COUNT(*) FROM outbox",
    "audit": "SELECT COUNT(*) FROM audit",
}
# By collection: what each document adds to a count, added up by the server.
MONGO_COUNTS = {
    "products": {"mongo products": 1, "product versions": "$version"},
    "inventory": {"mongo inventory": 1, "level numbers": "$seq"},
    "movements": {"mongo movements": 1},
    "reservations": {
        "mongo reservations": 1,
        "active reservations": {"$cond": [{"$eq": ["$status", "active"]}, 1, 0]},
    },
    "categories": {"mongo categories": 1, "category versions": "$version"},
    "media": {"media used": {"$cond": [{"$eq": ["$state", "used"]}, 1, 0]}},
    "audit": {"mongo audit": 1},
}

# So many readings in a row, 0.1 s apart, are the same.
SETTLED_AFTER = 5
SETTLED_TIMEOUT_S = 30

Counts = dict[str, int]


class Faults:
    """Arms faults of one server, which was started with FAULT_INJECT_FILE=str(path)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fired = path.with_name(f"{path.name}.fired")

    @contextmanager
    def armed(self, store: str, number: int, mode: str) -> Iterator[list[bool]]:
        """A mode that ends with "+" goes on. The list has, in the end, whether it struck."""
        text = f"{store}:{number}{'+' if mode.endswith('+') else ''}:{mode.rstrip('+')}"
        new = self.path.with_name(f"{self.path.name}.new")
        new.write_text(text)
        struck: list[bool] = []
        os.replace(new, self.path)
        try:
            yield struck
        finally:
            struck.append(self.fired.exists())
            self.path.unlink(missing_ok=True)
            self.fired.unlink(missing_ok=True)


class Ledger:
    """What is in both databases, by counts."""

    def __init__(self, server: Server) -> None:
        self.mysql = server.databases.mysql.connect(server.database)
        self.mongo = server.databases.mongo.connect()
        self.name = server.database

    def close(self) -> None:
        self.mysql.close()
        self.mongo.close()

    def counts(self) -> Counts:
        with self.mysql.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(f'({each})' for each in MYSQL_COUNTS.values())}")
            counted = dict(zip(MYSQL_COUNTS, map(int, cursor.fetchone())))
        for collection, sums in MONGO_COUNTS.items():
            group = {name: {"$sum": summand} for name, summand in sums.items()}
            found = self.mongo[self.name][collection].aggregate([{"$group": {"_id": 1, **group}}])
            row = next(iter(found), {})
            counted |= {name: int(row.get(name, 0)) for name in sums}
        return counted

    def kill_sessions(self) -> None:
        """Every session of MySQL but this one ends; the server is not told."""
        with self.mysql.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM information_schema.processlist "
                "WHERE db = %s AND id <> CONNECTION_ID()",
                (self.name,),
            )
            for (session,) in cursor.fetchall():
                try:
                    cursor.execute(f"KILL {int(session)}")
                except pymysql.err.OperationalError:
                    # It has ended by itself.
                    pass


def difference(before: Counts, after: Counts) -> Counts:
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


class Resources:
    """Descriptors and threads of a process: what a leak would let grow."""

    def __init__(self, pid: int) -> None:
        self.folder = Path(f"/proc/{pid}")
        self.before = self._settled()

    def now(self) -> tuple[int, int]:
        return (len(list((self.folder / "fd").iterdir())),
                len(list((self.folder / "task").iterdir())))

    def _settled(self) -> tuple[int, int]:
        """Once the clients' connections before have gone."""
        seen: list[tuple[int, int]] = []

        def is_settled() -> bool:
            seen.append(self.now())
            return seen[-SETTLED_AFTER:] == seen[-1:] * SETTLED_AFTER

        assert processes.wait_until(is_settled, SETTLED_TIMEOUT_S, pause_s=0.1), seen
        return seen[-1]

    def assert_unchanged(self) -> None:
        def are() -> bool:
            return self.now() == self.before

        assert processes.wait_until(are, 5), (self.before, self.now())
