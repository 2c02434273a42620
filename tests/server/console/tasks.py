"""Tasks that pages send: noted instead, as no worker listens."""

from functools import partial

import pytest

from experiments import tasks


def noted(patch: pytest.MonkeyPatch) -> list[str]:
    """Note the names of the tasks that are sent from now on."""
    names: list[str] = []

    def note(task: str, *_: object, **__: object) -> None:
        names.append(task)

    for task in (tasks.make_thumbnails, tasks.make_storyboard, tasks.send_make_thumbnails):
        patch.setattr(task, "apply_async", partial(note, task.name))
    return names
