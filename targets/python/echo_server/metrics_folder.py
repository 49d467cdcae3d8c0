"""The folder in which several processes keep what they count, for as long as the server runs."""

import atexit
import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

_PREFIX = "echo-server-metrics-"


def make_metrics_folder(parent: str | None) -> Path:
    """Makes a fresh folder, to be removed when this process ends, and removes those of servers that were killed.

    Whether a server lives is told by a lock on its folder. Workers inherit it, and the kernel gives it up when the last
    process is gone, however it went. `parent` is the system's folder for such things by default.
    """
    _remove_folders_of_the_dead(Path(parent or tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    # Open until the process ends, and never read.
    fcntl.flock(os.open(folder, os.O_RDONLY | os.O_DIRECTORY), fcntl.LOCK_EX)
    if not folder.exists():
        # Another server that starts saw it before it was locked.
        return make_metrics_folder(parent)
    atexit.register(_remove_if_of, os.getpid(), folder)
    return folder


def _remove_if_of(process: int, folder: Path) -> None:
    # Workers are forks, and run this too when they end.
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_folders_of_the_dead(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        # Another user's, one that is gone by now, or one in use.
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
