"""./dev reset: the development data and secrets go."""

import argparse
import shutil

from .development import holder, take_lock
from .errors import DevError
from .locations import data_folder, dev_folder
from .progress import say


def reset(arguments: argparse.Namespace) -> int:
    lock = take_lock()
    if lock is None:
        raise DevError(f"./dev runs in this checkout (process {holder()}); end that first")
    with lock:
        data = data_folder()
        say(f"This removes the development databases ({data}) and their secrets and logs")
        say(f"({dev_folder()}). The next ./dev run makes new ones.")
        if not arguments.yes and not _agreed():
            say("Nothing was removed.")
            return 1
        shutil.rmtree(data, ignore_errors=True)
        for entry in dev_folder().iterdir():
            # The lock is what keeps a ./dev run out meanwhile.
            if entry.name == "lock":
                continue
            if entry.is_dir():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink()
    say("Removed.")
    return 0


def _agreed() -> bool:
    try:
        return input("Remove them? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
