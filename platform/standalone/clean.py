"""`make clean`: leave nothing behind but the repository, and never under a running site."""

import contextlib
import fcntl
import os
import shutil
import signal
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHES = (".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", ".hypothesis")
USERS = {
    "`make serve`": "serve.lock",
    "`make pilot`": "pilot.lock",
    "a program that uses the database": "postgres/users.lock",
}
STOP_WITHIN_S = 10.0


def main() -> int:
    """Remove what was made, or say who still uses it."""
    for name, lock in USERS.items():
        if is_held(ROOT / "var" / lock):
            print(f"clean: {name} runs here: stop it first", file=sys.stderr)
            return 1
    stop_left_over_database()
    for name in (*CACHES, ".coverage", ".venv", "var"):
        remove(ROOT / name)
    for folder in ROOT.rglob("__pycache__"):
        remove(folder)
    return 0


def is_held(lock: Path) -> bool:
    """Tell whether a process holds the file's lock; the kernel frees those of the dead."""
    if not lock.exists():
        return False
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def stop_left_over_database() -> None:
    """End a database server whose last user was killed before it could stop it."""
    pid_file = ROOT / "var" / "postgres" / "data" / "postmaster.pid"
    if not pid_file.exists():
        return
    process_id = int(pid_file.read_text().split()[0])
    with contextlib.suppress(ProcessLookupError):
        os.kill(process_id, signal.SIGINT)  # PostgreSQL's fast shutdown
    deadline = time.monotonic() + STOP_WITHIN_S
    while pid_file.exists() and time.monotonic() < deadline:
        time.sleep(0.1)


def remove(path: Path) -> None:
    """Remove a file or a folder that may not be there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
