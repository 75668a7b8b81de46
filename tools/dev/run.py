"""./dev run: everything a developer needs, until Ctrl-C."""

import argparse
import http.client
import json
import signal
import subprocess
import time
from pathlib import Path

from . import processes
from .build import build
from .development import Development, databases_file, holder, take_lock
from .errors import DevError
from .locations import REPOSITORY, log_folder
from .progress import run_step, say, step
from .settings import read_settings
from .watch import Restarter, Sources

DEFAULT_EMAIL = "admin@example.com"
FORGOTTEN = "as before; a new one: ./dev aizy admin reset-password --email {email}"
START_TIMEOUT_S = 60
# Longer than the server's own limit for what is under way.
STOP_TIMEOUT_S = 30
MEND_AFTER_S = 5
LOOK_EVERY_S = 0.5


def run(arguments: argparse.Namespace) -> int:
    begun = time.monotonic()
    lock = take_lock()
    if lock is None:
        raise DevError(f"./dev runs in this checkout already (process {holder()}); end that first")
    with lock:
        settings = read_settings()
        host, port = _address(settings)
        program = build("dev", "aizy")
        development = Development(arguments.mongo)
        with development.running():
            sources = Sources() if arguments.watch else None
            administrator = _prepare(program, development, arguments)
            _serve(program, development, (host, port), administrator, begun, sources)
    return 0


def _address(settings: dict[str, str]) -> tuple[str, int]:
    host = settings.get("HOST", "127.0.0.1")
    text = settings.get("PORT", "5000")
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise DevError(f"PORT is {text!r}; it should be a number from 1 to 65535")
    port = int(text)
    if ":" not in host and not processes.port_is_free(port, host):
        raise DevError(f"port {port} is taken; choose another one: PORT={port + 1} ./dev run")
    return host, port


def _prepare(program: Path, development: Development, arguments: argparse.Namespace) -> list[str]:
    """Migrations always, fixtures and the administrator once; returns what to say about the latter.

    Databases that somebody else runs get only what was asked for.
    """
    ours = development.stores_are_ours
    environment = development.environment()
    mark = development.folder() / "administrator.json" if ours else None
    if ours or arguments.migrate or arguments.seed:
        command = [str(program), "migrate", "up"]
        run_step("migrate", command, environment=environment, cwd=REPOSITORY)
    if arguments.seed or (mark and not mark.exists()):
        run_step("fixtures", [str(program), "seed"], environment=environment, cwd=REPOSITORY)
        made = _make_administrator(program, environment)
        if mark:
            mark.write_text(json.dumps({"email": made["email"]}))
        if made.get("password"):
            return [made["email"], f"{made['password']}   (shown this once)"]
        return [made["email"], "ADMIN_PASSWORD's" if made["created"] else FORGOTTEN.format(**made)]
    if mark:
        email = json.loads(mark.read_text())["email"]
        return [email, FORGOTTEN.format(email=email)]
    return []


def _make_administrator(program: Path, environment: dict[str, str]) -> dict[str, str]:
    environment = {"ADMIN_EMAIL": read_settings().get("ADMIN_EMAIL", DEFAULT_EMAIL)} | environment
    with step("administrator"):
        done = subprocess.run(
            [str(program), "admin", "create", "--json"],
            env=environment,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise DevError(f"making the administrator failed:\n{done.stderr}{done.stdout}")
        return dict(json.loads(done.stdout))


def _serve(
    program: Path,
    development: Development,
    address: tuple[str, int],
    administrator: list[str],
    begun: float,
    sources: Sources | None,
) -> None:
    log = log_folder() / "aizy.log"
    if log.exists():
        log.replace(log.with_suffix(".log.1"))

    def start(takes_over: bool) -> subprocess.Popen[bytes]:
        command = [str(program), "serve", *(["--takeover"] if takes_over else [])]
        return processes.spawn(command, log, environment=development.environment(), cwd=REPOSITORY)

    def rebuild() -> None:
        build("dev", "aizy")
        if development.stores_are_ours:
            command = [str(program), "migrate", "up"]
            run_step("migrate", command, environment=development.environment(), cwd=REPOSITORY)

    server = start(False)
    restarter = Restarter(sources, rebuild, start, server, log) if sources else None
    try:
        with step("aizy serve"):
            _wait_ready(server, log, address)
        say(_block(address, administrator, log, time.monotonic() - begun))
        if restarter:
            _watch_sources(restarter, development)
        _watch(server, development, log)
    finally:
        with processes.undisturbed():
            say("\nStopping.")
            last = restarter.server if restarter else server
            processes.stop(last, signal.SIGTERM, STOP_TIMEOUT_S)


def _wait_ready(server: subprocess.Popen[bytes], log: Path, address: tuple[str, int]) -> None:
    def ready_or_gone() -> bool:
        return server.poll() is not None or _is_ready(address)

    in_time = processes.wait_until(ready_or_gone, START_TIMEOUT_S)
    if server.poll() is not None:
        raise DevError(f"aizy ended (exit {server.returncode}):\n{processes.tail(log)}")
    if not in_time:
        raise DevError(f"aizy is not ready after {START_TIMEOUT_S} s:\n{processes.tail(log)}")


def _is_ready(address: tuple[str, int]) -> bool:
    connection = http.client.HTTPConnection(_reachable(address[0]), address[1], timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _watch(server: subprocess.Popen[bytes], development: Development, log: Path) -> None:
    """Until a signal. aizy must not end by itself; a database that does is started again."""
    while True:
        try:
            status = server.wait(0.5)
        except subprocess.TimeoutExpired:
            _mend(development)
            continue
        raise DevError(f"aizy ended by itself (exit {status}):\n{processes.tail(log)}")


def _watch_sources(restarter: Restarter, development: Development) -> None:
    """Until a signal."""
    say("\n    A change of a source builds and restarts.")
    while True:
        time.sleep(LOOK_EVERY_S)
        restarter.look()
        _mend(development)


def _mend(development: Development) -> None:
    """After a while: so that what aizy does without the database can be seen."""
    for database in development.databases.ended():
        assert database.process is not None
        say(f"\n{database.name} ended by itself (exit {database.process.returncode}).")
        time.sleep(MEND_AFTER_S)
        database.start()
        say(f"{database.name} runs again.")


def _block(address: tuple[str, int], administrator: list[str], log: Path, seconds: float) -> str:
    host = _reachable(address[0])
    url = f"http://{f'[{host}]' if ':' in host else host}:{address[1]}"
    rows = [
        ("API", f"{url}/api/products"),
        ("readiness", f"{url}/readyz"),
        ("description", f"{url}/openapi.json"),
        *zip(("administrator", "password"), administrator),
        ("databases", f"{databases_file().relative_to(REPOSITORY)} has their URLs"),
        ("log", f"{log.relative_to(REPOSITORY)}"),
        ("stop", "Ctrl-C"),
    ]
    lines = [f"    {name:<15}{value}" for name, value in rows]
    return "\n".join([f"\nAizy serves (after {seconds:.0f} s).\n", *lines])
