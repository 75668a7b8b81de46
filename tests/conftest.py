"""Fixtures of the black-box tests."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import Server

from tools.dev.databases import Databases
from tools.dev.scratch import scratch_folder

STORES = ("DATABASE_URL", "MONGODB_URI")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take longest come first, so that those beside them fill the time; and the tests
    of ./dev, which build, load the machine and start servers of their own, run alone."""
    for item in items:
        if item.path.parent.name == "dev":
            item.add_marker("alone")
    items.sort(key=lambda item: item.get_closest_marker("first") is None)


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A folder of this run, open to the database servers' users.

    A process beside others may be killed where another one would clear up: ./dev test then removes
    its folder with its own.
    """
    within = os.environ.get("AIZY_TEST_FOLDER")
    with scratch_folder(Path(within) if within else None) as folder:
        yield folder


@pytest.fixture(scope="session")
def databases(scratch: Path) -> Iterator[Databases]:
    """MariaDB, a MongoDB server and PostgreSQL, once per run; nobody stops or pauses these."""
    kind = os.environ.get("AIZY_TEST_MONGO", "")
    with Databases(scratch / "shared", durable=False, mongo=kind) as started:
        yield started


@pytest.fixture(scope="module")
def own_databases(scratch: Path, request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Both stores for this module alone: to stop, kill, pause and resume. Leave them running."""
    kind = os.environ.get("AIZY_TEST_MONGO", "")
    folder = scratch / request.module.__name__
    with Databases(folder, durable=False, mongo=kind, wanted=STORES) as started:
        yield started


@pytest.fixture(scope="module")
def make_server(scratch: Path) -> Iterator[Callable[..., Server]]:
    """make_server(databases, **settings): more servers, or one with settings; not yet prepared.

    They are stopped, and their databases dropped, at the end of the module.
    """
    made: list[Server] = []

    def make(databases: Databases, database: str = "", **settings: str) -> Server:
        folder = scratch / f"server-{len(list(scratch.iterdir()))}"
        folder.mkdir()
        made.append(Server(databases, folder, database, **settings))
        return made[-1]

    yield make
    remove_all(made)


@pytest.fixture(scope="module")
def server(databases: Databases, make_server: Callable[..., Server]) -> Server:
    """A running server of this module: migrated, with an administrator, otherwise empty."""
    return make_server(databases).prepare().start()


def remove_all(servers: list[Server]) -> None:
    """Every one, even when one of them objects; then the first objection."""
    errors: list[BaseException] = []
    for server in reversed(servers):
        try:
            server.remove()
        except BaseException as error:
            errors.append(error)
    if errors:
        raise errors[0]
