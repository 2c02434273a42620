"""What browsers are told about the pages: what may run in them, and who may show them."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from server.env import media_origins
from tests.experiments.analysis.report.cast import counted_study

pytestmark = pytest.mark.django_db
PAGES = ["/", "/feed/pilot/", "/watch/pilot-0/", "/dashboards/", "/dashboards/pilot/",
         "/dashboards/pilot/thumbnails/", "/annotate/", "/console/", "/console/login/",
         "/console/admin/", "/console/admin/experiments/video/",
         "/console/admin/experiments/experiment/", "/console/making/",
         "/none/"]  # fmt: skip
RUNS_WITHIN = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style|\son\w+=|\sstyle="
)


def test_nothing_that_is_written_within_a_page_runs_or_is_needed() -> None:
    counted_study(ended=False)
    client = Client()
    client.force_login(User.objects.create_superuser("bea"))
    for address in PAGES:
        answer = client.get(address, follow=True)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert RUNS_WITHIN.search(answer.content.decode()) is None, address


def test_a_page_says_little_about_itself_and_is_no_part_of_anothers() -> None:
    answer = Client().get("/")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_pictures_may_come_from_the_bucket_where_there_is_one() -> None:
    assert media_origins("", "https://s3.amazonaws.com") == []
    assert media_origins("media", "https://cdn.example/x/") == ["https://cdn.example"]
