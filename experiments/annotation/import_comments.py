"""Comments in from a file, proposals out of them; both are stored."""

import json
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from experiments.annotation.proposals import PROPOSALS, propose
from experiments.errors import AnnotationError
from experiments.models import CommentCurve, Proposal, Video


@dataclass(frozen=True, slots=True)
class Proposed:
    """How many new proposals each video got; why others of the file were left out."""

    new: dict[str, int]
    left_out: dict[str, str]


def propose_from(path: Path, *, wanted: int = PROPOSALS, seed: int = 0) -> Proposed:
    """Read {video: [comments of each second]} and store proposals for each video.

    The same file, number and seed give the same proposals: what is there already is kept, with its
    judgements.

    Raises:
        AnnotationError: where the file cannot be read.
    """
    new: dict[str, int] = {}
    left_out: dict[str, str] = {}
    for slug, counts in _read(path).items():
        try:
            new[slug] = _propose(slug, counts, wanted, seed)
        except AnnotationError as error:
            left_out[slug] = str(error)
    return Proposed(new, left_out)


def _propose(slug: str, counts: object, wanted: int, seed: int) -> int:
    # PostgreSQL takes no text with a NUL or half a character.
    video = Video.objects.filter(slug=slug).first() if slug.isprintable() else None
    if video is None:
        raise AnnotationError("the catalogue has no video with this slug: bring it in first")
    seconds = _checked(counts)
    if video.duration_s is not None:
        seconds = seconds[: int(np.ceil(video.duration_s))]
    rng = np.random.default_rng([seed, crc32(slug.encode())])
    gifs = propose(seconds, rng, wanted=wanted)
    before = Proposal.objects.filter(video=video).count()
    with transaction.atomic():
        curve = {"counts": seconds.tolist()}
        CommentCurve.objects.update_or_create(video=video, defaults=curve)
        Proposal.objects.bulk_create(
            [Proposal(video=video, shots_s=list(gif)) for gif in gifs], ignore_conflicts=True
        )
    return Proposal.objects.filter(video=video).count() - before


def _checked(counts: object) -> NDArray[np.float64]:
    if not isinstance(counts, list) or not all(_is_count(count) for count in counts):
        raise AnnotationError("its comments must be a list of numbers >= 0, one a second")
    return np.asarray(counts, dtype=np.float64)


def _is_count(count: object) -> bool:
    if isinstance(count, bool) or not isinstance(count, int | float):
        return False
    return isfinite(count) and count >= 0


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise AnnotationError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(document, dict):
        raise AnnotationError(f"{path} holds a {type(document).__name__}, must be an object")
    return document
