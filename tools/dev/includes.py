"""Who may include what: the direction of dependency, as tables."""

import re
from pathlib import Path

from .locations import REPOSITORY

SERVER = ("server/api", "server/config", "server/media", "server/security", "server/work")

# A folder and the folders of ours that it may include from; its own subfolders count as itself.
FOLDERS: dict[str, tuple[str, ...]] = {
    "base": ("base",),
    "stores": ("base", "stores"),
    "stores/mysql": ("base", "stores", "stores/mysql"),
    "stores/mongo": ("base", "stores", "stores/mongo"),
    "sinks": ("base", "stores", "sinks"),
    "server/config": ("base", "server/config", "server/security"),
    "server/security": ("base", "stores", "server/config", "server/security"),
    "server/media": ("base", "stores", "server/config", "server/media", "server/work"),
    "server/work": ("base", "stores", "sinks", *SERVER),
    # The handlers of products use the catalogue's files, and those the rows of schemas.
    "server/api": ("base", "stores", "sinks", "server/catalogue", *SERVER),
    "server/http": ("base", "stores", "server/http", *SERVER),
    "server/catalogue": ("base", "stores", "server/api", "server/catalogue"),
    "server/cli": (
        *("base", "stores", "stores/mysql", "stores/mongo", "sinks"),
        *("server/http", "server/catalogue", "server/cli", *SERVER),
    ),
    "server": ("base", "server/cli", "server/config"),
    "bench": ("base",),
}

# A library's headers and the only folders that may include them, without their subfolders: the
# handlers, in the subfolders of server/api, see none of these.
LIBRARIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"mysql\.h|mysqld_error\.h|errmsg\.h|mariadb/.*|mysql/.*", ("stores/mysql",)),
    (r"mongoc.*|bson.*", ("stores/mongo",)),
    (r"h2o.*", ("server/http", "bench")),
    (r"libpq-fe\.h", ("sinks",)),
    (r"jansson\.h", ("stores/mysql", "sinks", "server/api", "server/security", "server/cli")),
    (r"jwt\.h|argon2\.h", ("server/security",)),
    (r"curl/.*", ("server/api", "server/config", "server/work", "sinks")),
    (r"gd\.h", ("server/media",)),
    (r"utf8proc\.h", ("base", "stores")),
    (r"zlib\.h", ("base",)),
)

_INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^">]+)[">]')


def check_includes(files: list[Path]) -> list[str]:
    """Sentences, one for each include that should not be."""
    wrong = []
    for file in files:
        name = file.relative_to(REPOSITORY)
        folder = _table_row(str(name.parent))
        if folder is None:
            continue
        for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
            found = _INCLUDE.match(line)
            if not found:
                continue
            problem = _problem(str(name.parent), folder, found[1] == '"', found[2])
            if problem:
                wrong.append(f"{name}:{number}: {problem}")
    return wrong


def _problem(parent: str, folder: str, ours: bool, header: str) -> str:
    if ours:
        if "/" not in header:
            return f'"{header}" should be written from the root of the repository'
        source = _table_row(str(Path(header).parent))
        if source not in FOLDERS[folder]:
            return f"{folder} may not include {header}"
        return ""
    for pattern, allowed in LIBRARIES:
        if re.fullmatch(pattern, header) and parent not in allowed:
            return f"<{header}> is for {', '.join(allowed)} only"
    return ""


def _table_row(folder: str) -> str | None:
    """The longest row that is the folder or above it."""
    while folder not in FOLDERS:
        if "/" not in folder:
            return None
        folder = folder.rpartition("/")[0]
    return folder
