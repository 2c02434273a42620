"""Debian's ClickHouse, of 2018, as two or more servers of a test's own; each a shard, by HTTP."""

import os
import re
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pyarrow as pa
import pytest
from django.db import OperationalError

from standalone.processes import free_port
from tests.waiting import PATIENCE_S, wait_until

CONFIGURATION = """<yandex>
<logger><level>error</level><log>{folder}/server.log</log>
<errorlog>{folder}/errors.log</errorlog></logger>
<http_port>{port}</http_port><tcp_port>{tcp}</tcp_port><listen_host>127.0.0.1</listen_host>
<path>{folder}/</path><tmp_path>{folder}/tmp/</tmp_path><users_config>{folder}/users.xml</users_config>
<mark_cache_size>10000000</mark_cache_size><default_profile>default</default_profile>
<default_database>default</default_database>
</yandex>"""
USERS = """<yandex><profiles><default/></profiles><quotas><default/></quotas>
<users><default><password/><networks><ip>127.0.0.1</ip></networks><profile>default</profile>
<quota>default</quota></default></users></yandex>"""
UNKNOWN_THEN = re.compile(r" CODEC\((?:[^()]|\([^()]*\))*\)|\sSETTINGS .*", re.DOTALL)


class OldServer:
    """One server: it knows neither codecs nor Arrow, and answers with text."""

    def __init__(self, folder: Path, program: str) -> None:
        folder.mkdir()
        self._port = free_port()
        told = CONFIGURATION.format(folder=folder, port=self._port, tcp=free_port())
        (folder / "config.xml").write_text(told)
        (folder / "users.xml").write_text(USERS)
        self._process = subprocess.Popen(
            [program, f"--config-file={folder / 'config.xml'}"], cwd=folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        wait_until(self._answers, "the old ClickHouse answers")

    def command(self, sql: str) -> None:
        """Run a statement that returns nothing, without what the server does not know yet."""
        self._ask(UNKNOWN_THEN.sub("", sql))

    def query(self, sql: str) -> pa.Table:
        """Return a statement's rows of whole numbers."""
        names, _, *lines = self._ask(f"{sql} FORMAT TabSeparatedWithNamesAndTypes").splitlines()
        cells = np.array([line.split("\t") for line in lines], dtype=np.int64)
        columns = cells.reshape(-1, len(names.split("\t"))).T
        return pa.table(dict(zip(names.split("\t"), columns, strict=True)))

    def insert(self, table: str, rows: pa.Table) -> None:
        """Put rows into a table, as one block."""
        lines = zip(*(column.to_pylist() for column in rows.columns), strict=True)
        text = "\n".join("\t".join(map(str, line)) for line in lines)
        columns = ", ".join(rows.column_names)
        self._ask(f"INSERT INTO {table} ({columns}) FORMAT TabSeparated\n{text}\n")

    def kill(self) -> None:
        """Kill -9 it."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _ask(self, text: str) -> str:
        url = f"http://127.0.0.1:{self._port}/"
        try:
            with urllib.request.urlopen(url, text.encode(), timeout=PATIENCE_S) as answer:
                return str(answer.read().decode())
        except URLError as error:
            said = error.read().decode()[:400] if hasattr(error, "read") else error
            raise OperationalError(f"the old ClickHouse: {said}") from error

    def _answers(self) -> bool:
        try:
            return self._ask("SELECT 1") == "1\n"
        except OperationalError:
            return False


@contextmanager
def old_servers(folder: Path, count: int) -> Iterator[list[OldServer]]:
    """Run so many servers, each of an empty database."""
    program = shutil.which("clickhouse-server", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("clickhouse-server is not installed: Debian's package has it")
    with ExitStack() as stack:
        servers = []
        for number in range(count):
            servers.append(OldServer(folder / f"shard-{number}", program))
            stack.callback(servers[-1].kill)
        yield servers
