"""A real S3 service on this machine, with one bucket that everyone may read."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "media"


@contextmanager
def s3_service() -> Iterator[ThreadedMotoServer]:
    """Run the service, with an empty bucket in it; who asks has the environment's keys."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    url = address(server)
    urllib.request.urlopen(f"{url}/moto-api/reset", data=b"").close()  # moto keeps what it had
    client = boto3.client("s3", endpoint_url=url)
    client.create_bucket(Bucket=BUCKET)
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{BUCKET}/*"}  # fmt: skip
    client.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Statement": [everyone]}))
    yield server
    server.stop()


def address(server: ThreadedMotoServer) -> str:
    """Return where the service answers."""
    return f"http://127.0.0.1:{server.get_host_and_port()[1]}"
