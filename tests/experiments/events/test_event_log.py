"""The event log on a real server: what it acknowledges it has, in order, until it is taken away."""

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from experiments.errors import NotReadyError
from experiments.events import event_log as module
from experiments.events.event_log import EventLog, _block
from experiments.events.impressions import Row
from tests.nats_servers import NatsServer, nats_servers
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with nats_servers(tmp_path_factory.mktemp("nats")) as (found,):
        yield found


@pytest.fixture
def log(server: NatsServer) -> Iterator[EventLog]:
    opened = EventLog([server.url])
    while (left := opened.next_block()) is not None:
        opened.take_away(left)
    yield opened
    opened.close()


def row(key: int, viewer: int = 1) -> Row:
    return (key, viewer, 2, 3, 4, None)


def test_blocks_come_in_order_until_they_are_taken_away(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MESSAGES_A_BLOCK", 2)
    assert log.next_block() is None
    for key in (8, 16, 24):
        log.append([row(key), (key + 5, 1, 2, 3, 4, 2**31 - 1)])
    first = log.next_block()
    assert first is not None
    assert [found[0] for found in first.rows] == [8, 13, 16, 21]
    assert first.rows[1] == (13, 1, 2, 3, 4, 2**31 - 1)
    assert log.next_block() == first  # whoever was to store it was killed
    log.take_away(first)
    second = log.next_block()
    assert second is not None
    assert (second.first, second.last) == (first.last + 1, first.last + 1)
    log.take_away(second)
    assert log.next_block() is None


def test_of_rows_of_one_key_the_first_is_kept(log: EventLog) -> None:
    for viewer in (1, 2):
        log.append([row(8, viewer)])
    block = log.next_block()
    assert block is not None
    assert block.rows == [row(8, 1)]


def test_another_process_finds_what_is_there(log: EventLog, server: NatsServer) -> None:
    log.append([row(8)])
    other = EventLog([server.url])
    block = other.next_block()
    assert block is not None
    other.take_away(block)
    other.close()
    assert log.next_block() is None


def test_a_gap_is_no_block() -> None:
    with pytest.raises(NotReadyError, match="between 3 and 5"):
        _block([3, 5], [[row(8)], [row(16)]])


def test_a_server_that_is_away_is_said_and_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 1.0)
    with nats_servers(tmp_path) as (server,):
        log = EventLog([server.url])
        log.append([row(8)])
        server.kill()
        with pytest.raises(NotReadyError, match="the event log does not answer"):
            log.append([row(16)])
        server.start()
        log.append([row(24)])
        block = log.next_block()
        log.close()
    assert block is not None
    assert {8, 24} <= {found[0] for found in block.rows}


def has_clients(server: NatsServer) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.monitor}/connz", timeout=60) as answer:
        return bool(json.load(answer)["num_connections"])


def test_a_server_that_hangs_is_left_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 1.0)

    def is_taken() -> bool:
        try:
            opened.append([row(8)])
        except NotReadyError:
            return False
        return True

    with nats_servers(tmp_path, 3) as servers:
        opened = EventLog([server.url for server in servers])
        wait_until(is_taken, "the servers have a leader")
        (hanging,) = filter(has_clients, servers)
        assert hanging.process is not None
        os.killpg(hanging.process.pid, signal.SIGSTOP)
        assert not is_taken()
        wait_until(is_taken, "another server takes the rows", patience_s=60)
        opened.close()
