"""Two web servers of one site behind its proxy: both answer, share an upload, and one may end."""

import json
import os
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.client import HTTPMessage
from pathlib import Path
from typing import Any

import pytest

from experiments.events.keys import BLOCKS, SEQUENCE_BITS, STEP_BITS, ms_of
from experiments.events.tokens import Signer
from experiments.serving.feed_state import MAX_AGE_S
from standalone.processes import free_port, programs
from standalone.production import production_environment
from standalone.proxy import Proxy
from tests.functional.front import NGINX, Front
from tests.functional.own_site import HEADERS, OwnSite, own_site
from tests.functional.uploading import LOG_IN, TOKEN
from tests.waiting import wait_until

# Half a minute of two cores: `make scale` runs it.
pytestmark = [
    pytest.mark.functional,
    pytest.mark.benchmark,
    pytest.mark.skipif(NGINX is None, reason="no nginx: install it to try several servers"),
]
VIEWERS = 20
UPLOADS = 7  # odd: taken by turns, the next piece of each would reach the other server
PIECES, PIECE_BYTES = 4, 100_000
UPLOADS_ROOT = "COVERLIFT_UPLOADS_ROOT"


@dataclass
class Machines:
    """Two web servers, each with a folder of its own, and the proxy in front of them."""

    servers: list[OwnSite]
    front: Front
    session: str

    def slots(self, viewer: str) -> Any:
        """Return what the feed shows a viewer."""
        address = f"/api/feed?experiment=pilot&viewer={viewer}"
        status, _, content = self.front.ask(address, headers=HEADERS)
        assert status == 200
        return json.loads(content)["slots"]

    @contextmanager
    def one_folder(self) -> Iterator[OwnSite]:
        """Let the second server have the uploads of the first one meanwhile; give the second."""
        kept, second = self.servers
        sharing = replace(second, environment=kept.environment, server=None)
        second.kill_server()
        start(sharing)
        yield sharing
        sharing.kill_server()
        start(second)

    def begin(self, name: str) -> str:
        """Return the address of an upload that is begun."""
        told = {"Upload-Metadata": f"filename {b64encode(name.encode()).decode()}",
                "Upload-Length": str(PIECES * PIECE_BYTES)}  # fmt: skip
        status, headers, _ = self._tus("POST", "/console/uploads/pieces/", told)
        assert status == 201
        return headers["Location"]

    def send(self, address: str, piece: int) -> int:
        """Send a piece; return the answer's status."""
        told = {"Upload-Offset": str(piece * PIECE_BYTES),
                "Content-Type": "application/offset+octet-stream"}  # fmt: skip
        return self._tus("PATCH", address, told, bytes(PIECE_BYTES))[0]

    def received(self, address: str) -> int:
        """Return how many bytes the site says that it has."""
        status, headers, _ = self._tus("HEAD", address, {})
        assert status == 200
        return int(headers["Upload-Offset"])

    def _tus(
        self, method: str, path: str, told: dict[str, str], body: bytes = b""
    ) -> tuple[int, HTTPMessage, bytes]:
        always = {
            "Cookie": f"sessionid={self.session}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "Origin": f"https://localhost:{self.front.port}",
            "Tus-Resumable": "1.0.0",
        }
        return self.front.ask(path, body, always | told, method)


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    folder = tmp_path_factory.mktemp("machines")
    with own_site(folder / "postgres", videos=3) as first, ExitStack() as stack:
        first.environment |= production_environment(folder)
        first.environment |= {"COVERLIFT_MEDIA_ROOT": str(folder / "media")}
        servers = [with_uploads(replace(first, port=free_port()), folder / name) for name in "ab"]
        for server in servers:
            stack.callback(server.kill_server)
            start(server)
        front = Front(free_port(), free_port())
        ports = [server.port for server in servers]
        proxy = Proxy(folder / "proxy", ports, front.http_port, front.port, folder / "media")
        stack.enter_context(programs({"proxy": proxy.command()}, os.environ))
        wait_until(front.answers, "the proxy answers")
        yield Machines(servers, front, first.python("-c", LOG_IN).strip())


def start(server: OwnSite) -> None:
    """Start one process, so that whoever answers tells which server it is."""
    server.start_server(probe="/readyz", workers=1)


def with_uploads(server: OwnSite, folder: Path) -> OwnSite:
    return replace(server, environment=server.environment | {UPLOADS_ROOT: str(folder)})


def shown(machines: Machines) -> tuple[set[int], set[int]]:
    """Return the arms that feeds show, and the numbers of the servers that answered."""
    keys = machines.servers[0].environment["COVERLIFT_TOKEN_KEYS"].split(",")
    signer, now = Signer(keys, 3600), ms_of(datetime.now(UTC))
    tokens = [slot["token"] for number in range(VIEWERS) for slot in machines.slots(f"v{number}")]
    seen = [signer.verify(token, now) for token in tokens]
    answered = {each.id >> (SEQUENCE_BITS + STEP_BITS) & (BLOCKS - 1) for each in seen}
    return {each.arm for each in seen}, answered


def test_changed_shares_reach_both(machines: Machines) -> None:
    arms, answered = shown(machines)
    assert (arms, len(answered)) == ({0, 1, 2}, len(machines.servers))
    change = ("change_experiment", "pilot", "--weight", "raw=1", "--weight", "re_seq2seq=0",
              "--weight", "gevaden=1", "--ramp", "1", "--why", "a trial")  # fmt: skip
    machines.servers[0].python("manage.py", *change)
    time.sleep(MAX_AGE_S)  # for which a process may go on with what it knew
    assert shown(machines) == ({0, 2}, answered)


def test_pieces_go_to_the_machine_that_has_the_others(machines: Machines) -> None:
    addresses = [machines.begin(f"{number}.mp4") for number in range(UPLOADS)]
    for piece in range(PIECES - 1):
        assert [machines.send(address, piece) for address in addresses] == [204] * UPLOADS
    folders = [Path(server.environment[UPLOADS_ROOT]) for server in machines.servers]
    there = [{file.name for file in folder.glob("*")} for folder in folders]
    assert (sum(map(len, there)), len(set.union(*there))) == (UPLOADS, UPLOADS)


def test_where_one_is_killed_the_other_goes_on_with_all(machines: Machines) -> None:
    with machines.one_folder() as killed:
        addresses = [machines.begin(f"half {number}.mp4") for number in range(UPLOADS)]
        for piece in range(PIECES // 2):
            assert [machines.send(address, piece) for address in addresses] == [204] * UPLOADS
        killed.kill_server()
        half = PIECES // 2 * PIECE_BYTES
        assert [machines.received(address) for address in addresses] == [half] * UPLOADS
        for piece in range(PIECES // 2, PIECES):
            assert [machines.send(address, piece) for address in addresses] == [204] * UPLOADS
        assert len(shown(machines)[1]) == 1
        (slot, *_) = machines.slots("ann")
        batch = json.dumps({"events": [{"token": slot["token"], "step": "viewable"}]}).encode()
        told = [machines.front.ask("/api/events", batch, HEADERS)[0] for _ in range(VIEWERS)]
        assert told == [200] * VIEWERS
