"""What the developer's environment and .env say, and the secrets that ./dev makes."""

import json
import os
import secrets
from pathlib import Path

from .errors import DevError
from .locations import REPOSITORY, dev_folder

# The stores that migrations, fixtures and the administrator go to.
STORES = ("DATABASE_URL", "MONGODB_URI")


def read_settings() -> dict[str, str]:
    """The environment over .env; what is set but empty counts as not set, as in aizy."""
    file = REPOSITORY / ".env"
    settings = _read_env_file(file) if file.exists() else {}
    settings |= {name: value for name, value in os.environ.items() if value}
    return settings


def _read_env_file(file: Path) -> dict[str, str]:
    """The lines that ./dev cares about are plain: NAME=value, perhaps in quotes."""
    settings = {}
    for line in file.read_text().splitlines():
        name, equals, value = line.strip().partition("=")
        if not equals or name.startswith("#"):
            continue
        value = value.strip()
        if value[:1] in ("'", '"'):
            value = value[1:].partition(value[0])[0]
        else:
            value = value.partition(" #")[0].strip()
        if value:
            settings[name.strip()] = value
    return settings


def development_secrets() -> dict[str, str]:
    """Made once per checkout: database_password and jwt_secret."""
    file = dev_folder() / "secrets.json"
    try:
        return dict(json.loads(file.read_text()))
    except FileNotFoundError:
        made = {
            "database_password": secrets.token_hex(16),
            "jwt_secret": secrets.token_urlsafe(48),
        }
        write_private(file, json.dumps(made, indent=4) + "\n")
        return made
    except ValueError as error:
        raise DevError(f"{file} is damaged ({error}); ./dev reset starts anew") from error


def write_private(file: Path, text: str) -> None:
    """Whole or not at all, and for this user's eyes only."""
    half = file.with_name(file.name + ".new")
    half.unlink(missing_ok=True)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as output:
        output.write(text)
    half.replace(file)
