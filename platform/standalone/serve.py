"""`make serve`: run the whole site until Ctrl-C."""

import sys
import time

from standalone.postgres import PostgresError
from standalone.processes import (
    ProcessError,
    only_one,
    port_is_free,
    stop_cleanly_on_signals,
)
from standalone.stack import Site, first_account, port_from_environment, site

DEFAULT_PORT = 8000


def main() -> int:
    """Serve until interrupted; say in a sentence what stands in the way if something does."""
    stop_cleanly_on_signals()
    try:
        with only_one("serve"):
            serve(port_from_environment(DEFAULT_PORT))
    except (ProcessError, PostgresError) as error:
        print(f"serve: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nserve: stopped")
    return 0


def serve(port: int) -> None:
    """Run the site on the port until Ctrl-C; a program of it that ends is started again.

    Raises:
        ProcessError: where the port is taken or a program ends again and again.
    """
    if not port_is_free(port):
        raise ProcessError(f"port {port} is in use by another program: make serve PORT={port + 1}")
    print("serve: starting database, web, worker and clock ...", flush=True)
    with site(port, with_beat=True) as running:
        announce(running)
        while True:
            running.revive()
            time.sleep(0.5)


def announce(running: Site) -> None:
    """Print the site's addresses; while there is no account, the link that makes the first."""
    print(
        f"serve: Coverlift runs\n"
        f"  feed        {running.url}/\n"
        f"  dashboards  {running.url}/dashboards/\n"
        f"  console     {running.url}/console/\n"
        f"{first_account(running, running.url)}"
        f"Ctrl-C stops all of it.",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
