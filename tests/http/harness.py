"""A real aizy on real databases, for black-box tests.

A test module uses the fixtures of conftest.py; this is what they hand out.
"""

import hashlib
import os
import secrets
import subprocess
from pathlib import Path
from typing import Any

import requests

from tools.dev import processes
from tools.dev.databases import Databases, fresh_name
from tools.dev.locations import REPOSITORY

ADMIN_EMAIL = "admin@example.com"
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30
REQUEST_TIMEOUT_S = 30
LOG_TIMEOUT_S = 10
# Whatever a sanitizer says, it says one of these.
SANITIZER_MARKS = ("Sanitizer", "runtime error:")
# The rest of the environment stays out: a developer's settings change no test.
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TZ")


def binary() -> Path:
    """The program under test."""
    return Path(os.environ.get("AIZY_BINARY") or REPOSITORY / "build" / "gcc-debug" / "aizy")


class Server:
    """One `aizy serve` with a MySQL and a MongoDB database of its own.

    settings are environment variables and win over what the harness sets. `folder` is its working
    directory. Two servers over the same data: give the second one the first one's `database`.
    """

    def __init__(
        self, databases: Databases, folder: Path, database: str = "", **settings: str
    ) -> None:
        self.databases = databases
        self.database = database or fresh_name()
        self.folder = folder
        self.log = folder / f"{self.database}.log"
        self.port = processes.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.admin_password = secrets.token_urlsafe(18)
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None
        self._admin_token = ""
        databases.create(self.database)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        kept |= {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        return {
            **kept,
            **self.databases.environment(self.database),
            "AIZY_ENV": "test",
            # The same for every server of a database; random enough to pass for a secret.
            "JWT_SECRET": hashlib.sha512(self.database.encode()).hexdigest(),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "ADMIN_EMAIL": ADMIN_EMAIL,
            "ADMIN_PASSWORD": self.admin_password,
            # Else the driver's counters of a killed server stay in shared memory, and a later
            # process with its number says so on stderr.
            "MONGOC_DISABLE_SHM": "1",
            **self.settings,
        }

    # The command line.

    def aizy(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of the program to its end; check=False to look at a failure."""
        done = subprocess.run(
            [str(binary()), *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert_no_sanitizer_report(done.stderr)
        if check:
            assert done.returncode == 0, f"aizy {' '.join(arguments)}:\n{done.stderr}{done.stdout}"
        return done

    def prepare(self) -> "Server":
        """Migrate, and make the administrator."""
        self.aizy("migrate", "up")
        self.aizy("admin", "create")
        return self

    # Its life.

    def start(self, wait: bool = True) -> "Server":
        """Start serving and, unless wait=False, wait until /readyz says 200."""
        self.process = processes.spawn(
            [str(binary()), "serve"], self.log, environment=self.environment, cwd=self.folder
        )
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self) -> None:
        def ready_or_gone() -> bool:
            return not self.running or self.status() == 200

        in_time = processes.wait_until(ready_or_gone, START_TIMEOUT_S)
        assert self.running, f"aizy ended:\n{self.log_text()}"
        assert in_time, f"aizy is not ready:\n{self.log_text()}"

    def status(self, path: str = "/readyz") -> int:
        """The status of a GET, 0 while nobody answers."""
        try:
            return self.get(path).status_code
        except requests.RequestException:
            return 0

    def stop(self) -> None:
        """An orderly end: exit 0, and nothing that a sanitizer had to say."""
        if self.process is None:
            return
        status = processes.stop(self.process, timeout_s=STOP_TIMEOUT_S)
        self.process = None
        assert_no_sanitizer_report(self.log_text())
        assert status == 0, f"aizy ended with {status}:\n{self.log_text()[-4000:]}"

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def restart(self) -> None:
        """Stop and start on the same port and data."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """Stop, and drop the databases."""
        try:
            self.stop()
        finally:
            self.databases.drop(self.database)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def log_text(self) -> str:
        """Everything it has written so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def logged(self, text: str) -> bool:
        """Whether the log comes to contain it: lines gather for a moment before they are out."""
        return processes.wait_until(lambda: text in self.log_text(), LOG_TIMEOUT_S)

    # Requests. token= adds the Authorization header; the rest goes to requests.

    def request(
        self, method: str, path: str, *, token: str = "", **options: Any
    ) -> requests.Response:
        headers = dict(options.pop("headers", None) or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        options.setdefault("timeout", REQUEST_TIMEOUT_S)
        with requests.Session() as session:
            # No proxy, no .netrc.
            session.trust_env = False
            return session.request(method, self.url + path, headers=headers, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> requests.Response:
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> requests.Response:
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> requests.Response:
        return self.request("DELETE", path, **options)

    # People.

    def login(self, email: str, password: str) -> str:
        """An access token."""
        answer = self.post("/auth/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def admin_token(self) -> str:
        """The administrator's access token, from one login."""
        if not self._admin_token:
            self._admin_token = self.login(ADMIN_EMAIL, self.admin_password)
        return self._admin_token

    def register(self, email: str = "", password: str = "") -> dict[str, Any]:
        """A new customer: the answer, and beside it the `email` and `password` that were sent."""
        sent = {
            "email": email or f"{secrets.token_hex(6)}@example.com",
            "password": password or secrets.token_urlsafe(18),
            "name": "A Customer",
        }
        answer = self.post("/auth/register", json=sent)
        assert answer.status_code == 201, answer.text
        return {**answer.json(), "email": sent["email"], "password": sent["password"]}


def assert_no_sanitizer_report(text: str) -> None:
    for mark in SANITIZER_MARKS:
        at = text.find(mark)
        assert at < 0, f"a sanitizer's report:\n{text[max(0, at - 500) : at + 4000]}"
