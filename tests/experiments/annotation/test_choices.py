"""The blind choice: every pair once, sides that even out, and what is stored."""

from collections import Counter

import pytest
from django.contrib.auth.models import User

from experiments.annotation.choices import Pair, answered_by, choose, next_pair
from experiments.annotation.export_choices import COLUMNS, choice_rows
from experiments.models import AuditEntry, Choice, Thumbnail
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db
GIFS = ("appeal", "gevaden", "re_seq2seq")


@pytest.fixture
def ada() -> User:
    return User.objects.create(username="ada")


def make_videos(count: int) -> None:
    for number in range(count):
        video = make_video(f"v{number}", ("raw", *GIFS))
        for place, name in enumerate(GIFS):
            video.thumbnails.filter(selector=name).update(shots_s=[place, 9, 15])
        video.thumbnails.filter(selector="raw").update(shots_s=[4], shot_length_s=0)


def answer_all(person: User, answer: Choice.Answer = Choice.Answer.LEFT) -> list[Pair]:
    seen = []
    while pair := next_pair(person):
        choose(pair, person, answer)
        seen.append(pair)
    return seen


def test_every_pair_of_gifs_comes_once_and_no_still(ada: User) -> None:
    make_videos(4)
    seen = answer_all(ada)
    pairs = {
        (each.left.video_id, frozenset({each.left.selector, each.right.selector})) for each in seen
    }
    assert len(pairs) == len(seen) == 4 * 3 == answered_by(ada)
    assert "raw" not in {name for _, names in pairs for name in names}


def test_of_one_pair_of_selectors_each_lies_left_as_often_as_right(ada: User) -> None:
    make_videos(6)
    left = Counter((each.left.selector, each.right.selector) for each in answer_all(ada))
    assert set(left.values()) == {3}


def test_two_people_get_other_orders_and_first_what_has_fewest_answers(ada: User) -> None:
    make_videos(3)
    bob = User.objects.create(username="bob")
    first = next_pair(ada)
    assert first
    choose(first, ada, Choice.Answer.SKIPPED)
    *others, last = [{each.left.pk, each.right.pk} for each in answer_all(bob)]
    assert len(others) == 8
    assert last == {first.left.pk, first.right.pk}


def test_what_shows_the_same_seconds_is_no_pair(ada: User) -> None:
    make_videos(1)
    Thumbnail.objects.filter(selector__in=GIFS).update(shots_s=[1, 5, 9])
    assert next_pair(ada) is None


def test_a_gif_made_again_of_other_seconds_is_asked_about_again(ada: User) -> None:
    make_videos(1)
    answer_all(ada)
    Thumbnail.objects.filter(selector="appeal").update(shots_s=[20, 30, 40])
    assert len(answer_all(ada)) == 2


def test_a_choice_is_stored_with_its_shots_and_in_the_audit_log(ada: User) -> None:
    make_videos(1)
    pair = next_pair(ada)
    assert pair
    choose(pair, ada, Choice.Answer.BOTH_BAD)
    [row] = choice_rows()
    assert tuple(row) == COLUMNS
    assert (row["video"], row["annotator"], row["answer"]) == ("v0", ada.pk, "both bad")
    assert row["left_shots_s"] == pair.left.shots_s != row["right_shots_s"]
    entry = AuditEntry.objects.get(kind="choice")
    assert (entry.subject, entry.after["answer"]) == ("v0", "both bad")
