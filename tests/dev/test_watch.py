"""./dev run --watch: a change becomes another server, or none when it does not build."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import Server, binary

from tools.dev import processes
from tools.dev.databases import Databases
from tools.dev.errors import DevError
from tools.dev.watch import Restarter, Sources


class Change:
    """One source, saved again and again, each time a second later than before."""

    def __init__(self, root: Path) -> None:
        (root / "base").mkdir()
        self.file = root / "base" / "file.c"
        self.file.write_text("")
        self.time = 1_000_000_000

    def save(self) -> None:
        self.time += 1
        os.utime(self.file, (self.time, self.time))


def test_changes_are_told_once_and_when_they_are_over(tmp_path: Path) -> None:
    change = Change(tmp_path)
    sources = Sources(tmp_path, ["base"])
    assert sources.changed() == []
    change.save()
    # It may go on.
    assert sources.changed() == []
    change.save()
    assert sources.changed() == []
    assert sources.changed() == ["base/file.c"]
    assert sources.changed() == []
    (tmp_path / "base" / "notes.txt").write_text("no source")
    (tmp_path / "base" / "new.h").write_text("")
    change.file.unlink()
    assert sources.changed() == []
    assert sources.changed() == ["base/file.c", "base/new.h"]


def test_every_source_of_the_program_is_watched() -> None:
    watched = Sources().built
    names = {path.name for path in watched}
    assert {"main.c", "routes.c", "settings.def", "arena.h", "CMakeLists.txt"} <= names


@pytest.mark.slow
def test_a_change_restarts_and_a_failed_build_does_not(
    databases: Databases,
    make_server: Callable[..., Server],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = make_server(databases).prepare().start()
    change = Change(tmp_path)
    builds: list[str] = []
    settings: dict[str, str] = {}

    def build() -> None:
        builds.append("")
        if len(builds) == 2:
            raise DevError("file.c:1: error: expected ';'")

    def start(takes_over: bool) -> subprocess.Popen[bytes]:
        command = [str(binary()), "serve", *(["--takeover"] if takes_over else [])]
        environment = server.environment | settings
        return processes.spawn(command, server.log, environment=environment, cwd=server.folder)

    assert server.process
    restarter = Restarter(Sources(tmp_path, ["base"]), build, start, server.process, server.log)

    def restart() -> int:
        """Which process serves after a change."""
        change.save()
        restarter.look()
        restarter.look()
        server.process = restarter.server
        return restarter.server.pid

    first = server.process.pid
    restarter.look()
    assert builds == []
    second = restart()
    assert second != first and not processes.is_alive(first)
    assert server.status("/healthz") == 200

    assert restart() == second
    assert "error: expected ';'" in capsys.readouterr().out
    assert server.status("/healthz") == 200

    # It builds, and then refuses to start.
    settings["LISTEN"] = "nonsense"
    assert restart() == second
    assert "LISTEN" in capsys.readouterr().out
    assert server.status("/healthz") == 200

    # It crashes, and comes back with the next change.
    settings.clear()
    restarter.server.kill()
    restarter.server.wait()
    restarter.look()
    assert "ended by itself" in capsys.readouterr().out
    assert restart() != second
    assert server.status("/healthz") == 200
