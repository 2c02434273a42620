"""Uploads in pieces, as a tus client sends them."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from experiments.making import intake
from experiments.models import Intake
from tests.clips import write_clip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folders")]
TUS = {"Tus-Resumable": "1.0.0"}
PIECES = "/console/uploads/pieces/"


def create(client: Client, name: str, size_bytes: int) -> Any:
    told = f"filename {b64encode(name.encode()).decode()},changed {b64encode(b'7').decode()}"
    headers = {"Upload-Length": str(size_bytes), "Upload-Metadata": told}
    return client.post(PIECES, headers=TUS | headers)


def patch(client: Client, address: str, offset: object, piece: bytes) -> Any:
    return client.patch(address, piece, "application/offset+octet-stream",
                        headers=TUS | {"Upload-Offset": str(offset)})  # fmt: skip


def test_a_file_in_three_pieces_with_a_lost_answer(
    console: Client, sent: list[str], tmp_path: Path
) -> None:
    write_clip(tmp_path / "Ein Weg.mp4", seconds=2)
    content = (tmp_path / "Ein Weg.mp4").read_bytes()
    begun = create(console, "Ein Weg.mp4", len(content))
    assert (begun.status_code, begun["Upload-Offset"]) == (201, "0")
    address = begun["Location"]
    assert patch(console, address, 0, content[:500])["Upload-Offset"] == "500"
    late = patch(console, address, 0, content[:500])
    assert (late.status_code, late["Upload-Offset"]) == (409, "500")
    there = console.head(address, headers=TUS)
    assert (there["Upload-Offset"], there["Upload-Length"]) == ("500", str(len(content)))
    assert there["Cache-Control"] == "no-store"
    assert create(console, "Ein Weg.mp4", len(content))["Location"] == address
    assert sent == []
    last = patch(console, address, 500, content[500:])
    assert (last.status_code, last["Upload-Offset"]) == (204, str(len(content)))
    assert sent == ["make_thumbnails"]
    brought = Intake.objects.get()
    assert (brought.name, brought.who, brought.state) == ("Ein Weg.mp4", "admin", "checking")
    assert intake.place(brought).read_bytes() == content


def test_what_cannot_be_is_refused_with_its_sentence(console: Client) -> None:
    assert create(console, "page.html", 9).content.decode() == (
        "page.html is not taken: .html is no video's suffix"
    )
    assert create(console, "empty.mp4", 0).status_code == 400
    address = create(console, "film.mp4", 999)["Location"]
    lie = patch(console, address, 0, b"PK\x03\x04 and more")
    assert (lie.status_code, lie.content.decode()) == (400, "film.mp4 is a ZIP archive, no video")
    assert patch(console, address, 0, b"\0").content.decode().endswith("no video")


def test_headers_that_are_no_tus_clients_are_named(console: Client) -> None:
    answer = console.post(PIECES, headers=TUS)
    assert "Upload-Length == '', must be a whole number" in answer.content.decode()
    address = create(console, "film.mp4", 9)["Location"]
    assert patch(console, address, "x", b"\0").status_code == 400
    assert console.patch(address, b"\0", "text/plain", headers=TUS).status_code == 415
    with_nul = f"filename {b64encode(bytes(1) + b'.mp4').decode()}"
    for told in ("filename ***, ,x", "filename \xe9", with_nul):
        odd = TUS | {"Upload-Length": "9", "Upload-Metadata": told}
        assert console.post(PIECES, headers=odd).status_code == 400
    too_long = TUS | {"Upload-Length": "9" * 400, "Upload-Metadata": "filename YS5tcDQ="}
    assert console.post(PIECES, headers=too_long).status_code == 400
    assert create(console, "a" * 5000 + ".html", 9).status_code == 400


def test_nobody_else_sees_or_adds_to_a_file(console: Client, client: Client) -> None:
    address = create(console, "film.mp4", 9)["Location"]
    other = Client()
    other.force_login(User.objects.create_superuser("bob"))
    assert other.head(address, headers=TUS).status_code == 404
    stranger = patch(Client(), address, 0, b"\0")
    assert stranger.status_code == 403
    assert "log in, and the upload goes on" in stranger.content.decode()


def test_forms_of_other_sites_are_refused(console: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(username="admin"))
    assert create(strict, "film.mp4", 9).status_code == 403
