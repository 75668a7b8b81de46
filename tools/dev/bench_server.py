"""What ./dev bench measures: aizy on databases of its own, and bare libh2o beside it."""

import http.client
import json
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from . import processes
from .databases import Databases
from .errors import DevError
from .progress import run_step

STORES = ("DATABASE_URL", "MONGODB_URI")
START_TIMEOUT_S = 60
ANSWER_TIMEOUT_S = 30
# As many as log in at once, so that no two wait for the same person's row.
PEOPLE = 16
PASSWORD = "as good as any other"
# What h2o writes by itself; the rest of an answer's head is ours.
OF_H2O = ("content-length", "date", "connection", "server")


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: str


class BenchServer:
    """A process that serves on `url` from start() to stop()."""

    def __init__(self, folder: Path, name: str) -> None:
        self.port = processes.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self, command: list[str], environment: Mapping[str, str], path: str) -> None:
        """Until a GET of the path answers 200."""
        process = processes.spawn(command, self.log, environment=environment, cwd=self.log.parent)
        self.process = process

        def answers_or_gone() -> bool:
            return process.poll() is not None or self._answers(path)

        if not processes.wait_until(answers_or_gone, START_TIMEOUT_S) or process.poll() is not None:
            raise DevError(f"{command[0]} does not serve:\n{processes.tail(self.log)}")

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def stop(self) -> None:
        if self.process is not None:
            processes.stop(self.process)

    def ask(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: str = ""
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_TIMEOUT_S)
        try:
            connection.request(method, path, body or None, dict(headers or {}))
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
            return Answer(answer.status, answer.getheaders(), text)
        finally:
            connection.close()

    def _answers(self, path: str) -> bool:
        try:
            return self.ask("GET", path).status == 200
        except (OSError, http.client.HTTPException):
            return False


class Aizy(BenchServer):
    """With the fixtures and PEOPLE who can log in; settings as in production."""

    def __init__(
        self, program: Path, databases: Databases, folder: Path, name: str = "aizy"
    ) -> None:
        super().__init__(folder, name)
        self.program = program
        self.databases = databases
        self.environment = {
            **databases.environment(),
            "AIZY_ENV": "production",
            "JWT_SECRET": secrets.token_urlsafe(48),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
        }
        self.people = [f"person-{number}@example.com" for number in range(PEOPLE)]

    def beside(self, name: str, **settings: str) -> "Aizy":
        """Another one over the same data, once this one has been started."""
        other = Aizy(self.program, self.databases, self.log.parent, name)
        # The port is its own, the secret and the people are not.
        other.environment |= {"JWT_SECRET": self.environment["JWT_SECRET"], **settings}
        return other

    def serve(self) -> None:
        self.launch([str(self.program), "serve"], self.environment, "/readyz")

    def start(self) -> None:
        for arguments in (["migrate", "up"], ["seed", "--yes"]):
            command = [str(self.program), *arguments]
            run_step(f"aizy {arguments[0]}", command, environment=self.environment)
        self.serve()

    def register(self) -> None:
        for email in self.people:
            person = {"email": email, "password": PASSWORD, "name": "A Person"}
            self.post("/auth/register", json.dumps(person))

    def logins(self) -> list[str]:
        """A body for each person."""
        return [json.dumps({"email": email, "password": PASSWORD}) for email in self.people]

    def token(self) -> str:
        """A fresh one; it is good for fifteen minutes."""
        return str(self.post("/auth/login", self.logins()[0])["access_token"])

    def product_id(self) -> str:
        return str(json.loads(self.ask("GET", "/api/products?limit=1").body)["items"][0]["id"])

    def post(self, path: str, body: str) -> Any:
        answer = self.ask("POST", path, {"Content-Type": "application/json"}, body)
        if answer.status not in (200, 201):
            raise DevError(f"POST {path} answers {answer.status}: {answer.body}")
        return json.loads(answer.body)


class BareH2o(BenchServer):
    """libh2o alone, repeating one answer of aizy's byte for byte."""

    def __init__(self, program: Path, folder: Path) -> None:
        super().__init__(folder, "bare-h2o")
        self.program = program

    def start(self, like: Answer) -> None:
        ours = [pair for pair in like.headers if pair[0].lower() not in OF_H2O]
        words = [word for pair in ours for word in pair]
        self.launch([str(self.program), str(self.port), like.body, *words], {}, "/")
