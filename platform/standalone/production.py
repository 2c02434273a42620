"""`make production`: the site as strangers would meet it, on this machine, without Docker.

Production settings, secrets of its own in var/production, nginx with self-signed TLS in front.
"""

import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from standalone.database import database
from standalone.postgres import PostgresError
from standalone.processes import (
    VAR,
    ProcessError,
    only_one,
    port_is_free,
    programs,
    stop_cleanly_on_signals,
)
from standalone.proxy import Proxy
from standalone.stack import Site, first_account, port_from_environment, site

FOLDER = VAR / "production"
DEFAULT_PORT = 8443  # of https; that of http and that of the web servers follow it
SECRETS = ("COVERLIFT_SECRET_KEY", "COVERLIFT_TOKEN_KEYS", "COVERLIFT_VIEWER_KEY")


def main() -> int:
    """Serve until interrupted; say in a sentence what stands in the way if something does."""
    stop_cleanly_on_signals()
    try:
        with only_one("production"):
            serve(port_from_environment(DEFAULT_PORT))
    except (ProcessError, PostgresError) as error:
        print(f"production: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nproduction: stopped")
    return 0


def serve(port: int) -> None:
    """Run the site behind its proxy until Ctrl-C; a program of it that ends is started again.

    Raises:
        ProcessError: where a port is taken, nginx is missing, or a program ends again and again.
    """
    with production_site(port, FOLDER) as running:
        print(f"production: Coverlift runs at https://localhost:{port}/, by a certificate "
              f"that no one vouches for.\n{first_account(running, f'https://localhost:{port}')}"
              "Ctrl-C stops all of it.", flush=True)  # fmt: skip
        while True:
            running.revive()
            time.sleep(0.5)


@contextmanager
def production_site(port: int, folder: Path) -> Iterator[Site]:
    """Run the site behind its proxy for as long as the block lasts.

    Args:
        port: of https; the two that follow it are taken for http and for the web servers.
        folder: of secrets, certificate and the proxy's files.

    Raises:
        ProcessError: where a port is taken, nginx is missing, or a program does not start.
    """
    for each in (port, port + 1, port + 2):
        if not port_is_free(each):
            raise ProcessError(f"port {each} is in use: make production PORT={port + 10}")
    media = Path(os.environ.get("COVERLIFT_MEDIA_ROOT") or VAR / "media")
    proxy = Proxy(folder, [port + 2], port + 1, port, media).command()
    with (
        database() as url,
        environment_of(production_environment(folder) | {"DATABASE_URL": url}),
        site(port + 2, with_beat=True) as running,
        programs({"proxy": proxy}, os.environ) as others,
    ):
        yield replace(running, running=[*running.running, *others])


@contextmanager
def environment_of(variables: dict[str, str]) -> Iterator[None]:
    """Let the variables hold, for this program and those that it starts, while the block lasts."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def production_environment(folder: Path) -> dict[str, str]:
    """Return the variables that production requires, with secrets that the folder keeps."""
    file = folder / "secrets.env"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        values = {name: secrets.token_urlsafe(40) for name in SECRETS}
        values["COVERLIFT_TOKEN_KEYS"] = f"1:{values['COVERLIFT_TOKEN_KEYS']}"
        file.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    kept = dict(line.split("=", 1) for line in file.read_text().splitlines())
    hosts = {"COVERLIFT_ALLOWED_HOSTS": "localhost,127.0.0.1"}
    return {"COVERLIFT_ENV": "production", **hosts, **kept}


if __name__ == "__main__":
    sys.exit(main())
