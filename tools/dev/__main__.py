"""The commands of ./dev."""

import argparse
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from .errors import DevError


class Option(NamedTuple):
    """One option: its name, whether it takes a value, what it does. Without '-' it is a value."""

    name: str
    value: str
    help: str


class Command(NamedTuple):
    """One row of the help: what runs it is module:function."""

    name: str
    runs: str
    help: str
    options: tuple[Option, ...] = ()
    passes_on: bool = False


MONGO = Option("--mongo", "KIND", "py: use the Python document server")

COMMANDS = (
    Command(
        "run",
        "run:run",
        "build, start private databases, migrate, load fixtures, serve on PORT (5000)",
        (
            MONGO,
            Option("--migrate", "", "also migrate databases that are given by environment"),
            Option("--seed", "", "also give those fixtures and an administrator"),
            Option("--watch", "", "build and restart when a source changes"),
        ),
    ),
    Command(
        "test",
        "testing:test",
        "build and run every test on databases of its own",
        (
            MONGO,
            Option("--full", "", "also sanitizers, clang and the Python document server"),
            Option("--asan", "", "under AddressSanitizer and UndefinedBehaviorSanitizer"),
            Option("--tsan", "", "under ThreadSanitizer: unit tests and tests marked race"),
            Option("-k", "EXPR", "only tests whose name matches"),
            Option("--again", "", "what failed once more, alone: unsteady if it passes then"),
        ),
    ),
    Command(
        "bench",
        "bench:bench",
        "requests per second, latency, CPU and memory of a release build",
        (
            Option("--seconds", "N", "how long each scenario is measured in all (12)"),
            Option("--only", "A,B", "only these scenarios, as in me,constant"),
            Option("--products", "N", "instead: a made-up catalogue of N, cold and warm (3 s)"),
            Option("--json", "FILE", "the lines of JSON, also into a file"),
            Option("--write", "", "the tables, also into docs/PERFORMANCE.md"),
        ),
    ),
    Command(
        "stock",
        "stock_bench:stock",
        "race 200 clients for 50 pieces; how fast a release build reserves",
        (
            MONGO,
            Option("--seconds", "N", "how long each load lasts (10)"),
            Option("--rounds", "N", "races (3)"),
        ),
    ),
    Command(
        "fuzz",
        "fuzz:fuzz",
        "look for inputs that break a parser, with libFuzzer and sanitizers",
        (
            Option("seconds", "N", "how long for each target (60); two run at a time"),
            Option("-k", "EXPR", "only targets whose name matches"),
        ),
    ),
    Command(
        "lint",
        "lint:lint",
        "formatting, clang-tidy, who includes what, lengths, scripts",
        (Option("--since", "REVISION", "clang-tidy only for what has changed since"),),
    ),
    Command("format", "lint:reformat", "clang-format over every C file"),
    Command(
        "migrate",
        "development:migrate",
        "aizy migrate on the development databases (default: up)",
        passes_on=True,
    ),
    Command(
        "seed",
        "development:seed",
        "load the fixtures into the development databases",
        passes_on=True,
    ),
    Command(
        "aizy",
        "development:aizy",
        "any other command on them, as in ./dev aizy import FILE",
        passes_on=True,
    ),
    Command(
        "reset",
        "reset:reset",
        "remove the development databases and secrets",
        (Option("--yes", "", "do not ask"),),
    ),
)


def help_text() -> str:
    lines = ["usage: ./dev COMMAND [options]", ""]
    for command in COMMANDS:
        lines.append(f"  {command.name:<9}{command.help}")
        for option in command.options:
            name = f"{option.name} {option.value}".strip()
            name = name if option.name.startswith("-") else f"[{option.name}]"
            lines.append(f"             {name:<14}{option.help}")
    lines += [
        "",
        "DATABASE_URL, MONGODB_URI and ADMIN_DATABASE_URL, from the environment or .env, are used",
        "instead of private databases. What ./dev keeps is in .dev/.",
    ]
    return "\n".join(lines)


def parse(command: Command, arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(f"./dev {command.name}", description=command.help)
    for option in command.options:
        if not option.name.startswith("-"):
            parser.add_argument(option.name, nargs="?", default="", help=option.help)
        elif option.value:
            parser.add_argument(option.name, metavar=option.value, default="", help=option.help)
        else:
            parser.add_argument(option.name, action="store_true", help=option.help)
    if command.passes_on:
        return argparse.Namespace(rest=arguments)
    return parser.parse_args(arguments)


def end(*_: object) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("help", "-h", "--help"):
        print(help_text())
        return 0
    command = next((row for row in COMMANDS if row.name == arguments[0]), None)
    if command is None:
        print(f"./dev: there is no command {arguments[0]!r}\n\n{help_text()}", file=sys.stderr)
        return 2
    options = parse(command, arguments[1:])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    # Imported late: the help works before the packages are there.
    module, _, function = command.runs.partition(":")
    runs: Callable[[argparse.Namespace], int] = getattr(
        import_module(f".{module}", __package__), function
    )
    try:
        return runs(options)
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
        return 0 if command.name == "run" else 130
    except DevError as error:
        print(f"\n./dev {command.name}: {error}", file=sys.stderr, flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
