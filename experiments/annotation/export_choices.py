"""Choices between two, as rows of a file."""

from collections.abc import Iterator
from typing import Any

from experiments.models import Choice

COLUMNS = (
    "video", "annotator", "left", "right", "left_shots_s", "right_shots_s", "answer", "chosen_at",
)  # fmt: skip


def choice_rows() -> Iterator[dict[str, Any]]:
    """Yield every choice, the first one first; annotators by number, not by name."""
    found = Choice.objects.select_related("video").order_by("pk")
    for each in found.iterator(chunk_size=1000):
        yield {
            "video": each.video.slug,
            "annotator": each.annotator_id,
            "left": each.left,
            "right": each.right,
            "left_shots_s": each.left_shots_s,
            "right_shots_s": each.right_shots_s,
            "answer": each.answer,
            "chosen_at": each.chosen_at.isoformat(),
        }
