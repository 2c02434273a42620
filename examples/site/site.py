"""A video site whose thumbnails come from Coverlift: docs/embedding.md explains it line by line.

    pip install flask
    export COVERLIFT_URL=https://coverlift.example COVERLIFT_KEY=coverlift_…
    flask --app examples.site.site run

Three pages: one lets the script fill pictures in, one is rendered here with the pictures in it, and
one plays a video.
"""

import os
import secrets
from typing import Any

from flask import Flask, Response, g, render_template_string, request

from examples.client.coverlift_client import Coverlift

HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A video site</title>
<script src="{{ url }}/embed/coverlift.js" data-key="{{ key }}" data-viewer="{{ viewer }}"></script>
<style>img { width: 320px; aspect-ratio: 16 / 9; background: #ddd }</style>
"""
HOME = (
    HEAD
    + """<h1>Videos</h1>
{% for video in videos %}<article>
  <a href="/watch/{{ video }}"><img data-coverlift="{{ video }}" src="/own.png" alt=""></a>
  <h2><a href="/watch/{{ video }}" data-coverlift-link="{{ video }}">{{ video }}</a></h2>
</article>{% endfor %}"""
)
RENDERED = (
    HEAD
    + """<h1>Videos, rendered here</h1>
{% for slot in slots %}<a href="/watch/{{ slot.video.slug }}"><img
  src="{{ slot.thumbnail.url }}" width="{{ slot.thumbnail.width }}"
  height="{{ slot.thumbnail.height }}" alt="" data-coverlift="{{ slot.video.slug }}"
  {% if slot.token %}data-coverlift-token="{{ slot.token }}"{% endif %}
  {% if slot.thumbnail.media_type == "image/gif" %}data-coverlift-moves{% endif %}></a>
{% endfor %}"""
)
WATCH = (
    HEAD
    + """<h1>{{ video }}</h1>
<video controls data-coverlift-watch="{{ video }}" src="/films/{{ video }}.mp4"></video>"""
)
OWN_PICTURE = bytes.fromhex(  # one grey pixel
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)


def make_site(url: str, key: str, videos: list[str]) -> Flask:
    """Return the site.

    Args:
        url: where Coverlift is.
        key: the site's key, which lists this site's origin.
        videos: slugs that both sites know.
    """
    site = Flask(__name__)
    coverlift = Coverlift(url, key=key, timeout_s=2)

    def page(template: str, **values: Any) -> str:
        return render_template_string(template, url=url, key=key, viewer=g.viewer, **values)

    @site.before_request
    def know_the_viewer() -> None:
        g.viewer = request.cookies.get("visitor") or secrets.token_urlsafe(16)

    @site.after_request
    def remember_the_viewer(response: Response) -> Response:
        response.set_cookie("visitor", g.viewer, httponly=True, samesite="Lax")
        return response

    @site.get("/")
    def home() -> str:
        return page(HOME, videos=videos)

    @site.get("/rendered")
    def rendered() -> str:
        return page(RENDERED, slots=coverlift.arms(g.viewer, videos))

    @site.get("/watch/<video>")
    def watch(video: str) -> str:
        return page(WATCH, video=video)

    @site.get("/own.png")
    def own_picture() -> Response:
        return Response(OWN_PICTURE, mimetype="image/png")

    return site


if "COVERLIFT_URL" in os.environ:
    app = make_site(os.environ["COVERLIFT_URL"], os.environ["COVERLIFT_KEY"], ["a-video"])
