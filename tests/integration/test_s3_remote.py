"""The s3 remote of this repository's .dvc/config, on an S3 server of our own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from support.clones import make_clone, run

WEATHER = "data/raw/weather.parquet.dvc"


@pytest.fixture
def server() -> Iterator[dict[str, str]]:
    """The environment in which the remote is reached."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    try:
        yield {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
    finally:
        running.stop()


def connect(server: dict[str, str]) -> boto3.client:
    """A client of the server, on which two buckets stand ready."""
    client = boto3.client(
        "s3",
        endpoint_url=server["AWS_ENDPOINT_URL"],
        aws_access_key_id=server["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=server["AWS_SECRET_ACCESS_KEY"],
        region_name=server["AWS_DEFAULT_REGION"],
    )
    for name in ("mergegate", "our-bucket"):
        client.create_bucket(Bucket=name)
    return client


def sizes(client: boto3.client, name: str) -> list[int]:
    return [entry["Size"] for entry in client.list_objects_v2(Bucket=name).get("Contents", ())]


def test_data_goes_to_the_bucket_and_comes_back(tmp_path: Path, server: dict[str, str]) -> None:
    client = connect(server)
    clone = make_clone(tmp_path)
    data = (clone / WEATHER).with_suffix("")

    def dvc(*arguments: str) -> None:
        done = run(clone, "dvc", *arguments, **server)
        assert done.returncode == 0, done.stderr

    dvc("pull", WEATHER)
    content = data.read_bytes()
    dvc("push", "-r", "s3", WEATHER)
    assert (sizes(client, "mergegate"), sizes(client, "our-bucket")) == ([len(content)], [])

    dvc("remote", "modify", "--local", "s3", "url", "s3://our-bucket/team")
    dvc("push", "-r", "s3", WEATHER)
    for gone in (".dvc/cache", "data/remote"):
        shutil.rmtree(clone / gone)
    data.unlink()
    dvc("pull", "-r", "s3", WEATHER)

    assert data.read_bytes() == content
    assert sizes(client, "our-bucket") == [len(content)]
