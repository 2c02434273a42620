"""The whole site on this machine: database, web, worker and clock, at one local address."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from standalone.database import database
from standalone.processes import (
    ROOT,
    ProcessError,
    Program,
    programs,
    site_commands,
    site_environment,
    wait_until_ready,
)


@dataclass(frozen=True, slots=True)
class Site:
    """A running site."""

    url: str
    environment: Mapping[str, str]
    running: list[Program]

    def revive(self) -> None:
        """Start again whichever of the site's programs has ended.

        Raises:
            ProcessError: where one ends again and again.
        """
        for program in self.running:
            if program.revive():
                print(f"{program.name} had ended and was started again; see {program.log}")

    def manage(self, *words: str) -> None:
        """Run one management command in the site's environment."""
        manage(self.environment, *words)

    def manage_quietly(self, *words: str) -> str:
        """Run one management command in the site's environment and return the word it prints."""
        return manage(self.environment, *words, capture=True)


@contextmanager
def site(port: int, *, with_beat: bool) -> Iterator[Site]:
    """Run the site for as long as the block lasts, its tables up to date.

    Raises:
        ProcessError: where a program does not start.
        PostgresError: where the project's own database cannot run.
    """
    with database() as database_url:
        environment = site_environment(database_url)
        manage(environment, "migrate", "--verbosity", "0")
        with programs(site_commands(port, with_beat=with_beat), environment) as running:
            url = f"http://127.0.0.1:{port}"
            wait_until_ready(f"{url}/readyz", running)
            yield Site(url, environment, running)


def manage(environment: Mapping[str, str], *words: str, capture: bool = False) -> str:
    """Run one management command; what it prints goes to the terminal, or is returned.

    Raises:
        ProcessError: where the command fails; it has said why.
    """
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    output = subprocess.PIPE if capture else None
    done = subprocess.run(
        command, env=dict(environment), cwd=ROOT, stdout=output, text=True, check=False
    )
    if done.returncode:
        said = f"`manage.py {' '.join(words)}` failed (status {done.returncode}): see above"
        raise ProcessError(said)
    return (done.stdout or "").strip()


def first_account(running: Site, url: str) -> str:
    """Return a line with the link that makes a new site's first account; "" where it has one."""
    path = running.manage_quietly("first_operator_code")
    return f"Make the first account, by this link alone:\n  {url}{path}\n" if path else ""


def port_from_environment(default: int) -> int:
    """Return the port that PORT names.

    Raises:
        ProcessError: where PORT is not the number of a port.
    """
    text = os.environ.get("PORT") or str(default)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise ProcessError(f"PORT == {text!r}, must be a number from 1 to 65535")
    return int(text)
