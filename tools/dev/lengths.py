"""How long files, functions and lines may be."""

from pathlib import Path

from .locations import REPOSITORY

FILE_LINES = 350
FUNCTION_LINES = 70
LINE_COLUMNS = 100


def check_lengths(files: list[Path]) -> list[str]:
    """Sentences, one for each that is too long."""
    wrong = []
    for file in files:
        name = file.relative_to(REPOSITORY)
        lines = file.read_text(errors="replace").splitlines()
        if len(lines) > FILE_LINES:
            wrong.append(f"{name}: {len(lines)} lines, more than {FILE_LINES}")
        for number, length in functions(lines):
            if length > FUNCTION_LINES:
                wrong.append(f"{name}:{number}: a function of {length} lines")
        wrong += [
            f"{name}:{number}: {len(line)} columns"
            for number, line in enumerate(lines, 1)
            if len(line) > LINE_COLUMNS
        ]
    return wrong


def functions(lines: list[str]) -> list[tuple[int, int]]:
    """First line and length of each; clang-format puts `) {` before and `}` alone after a body."""
    found = []
    begun = 0
    for number, line in enumerate(lines, 1):
        if line[:1].isalpha() and not line.startswith("#"):
            begun = number
        if line == "}" and begun:
            header = " ".join(lines[begun - 1 : number])
            if ") {" in header.split(";")[0]:
                found.append((begun, number - begun + 1))
            begun = 0
    return found
