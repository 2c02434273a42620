"""The addresses of the doors of pages, which are the operator's to choose."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = """
import django; django.setup()
from django.conf import settings
from server.api.page_doors import PAGE_DOORS
print(*PAGE_DOORS, settings.MEDIA_URL)
"""


def test_script_and_doors_stand_where_the_settings_say() -> None:
    chosen = {
        "COVERLIFT_EMBED_PATH": "a/b",
        "COVERLIFT_EMBED_SCRIPT": "own.js",
        "COVERLIFT_PUBLIC_URL": "https://c.example",
        "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": "server.settings",
    }
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=os.environ | chosen, cwd=ROOT,
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout.split() == [
        "/api/events", "/api/feed", "/a/b/events", "/a/b/arms", "/a/b/own.js",
        "https://c.example/media/",
    ]  # fmt: skip
