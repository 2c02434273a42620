"""The feed: the viewer's own arm, signed, from memory."""

from collections import Counter

import pytest
from pytest_django import DjangoAssertNumQueries

from experiments.errors import ExperimentError
from experiments.events.clock import now_ms
from experiments.events.ingest import signer
from experiments.events.tokens import viewer_number
from experiments.models import Event, Thumbnail, Video
from experiments.serving import allocation_phases, feed
from experiments.serving.assignment import assign
from experiments.serving.feed_state import FeedState
from tests.experiments.world import SELECTORS, make_experiment, make_video

pytestmark = pytest.mark.django_db


def test_each_slot_shows_the_assigned_arm_and_its_token_says_so() -> None:
    experiment = make_experiment()
    plan = allocation_phases.plan(experiment)
    for viewer in ("ann", "bob", "eve"):
        number = viewer_number(viewer, "development-only")
        for slot in feed.slots(viewer).slots:
            assert slot.token is not None
            shown = signer().verify(slot.token, now_ms())
            video = Video.objects.get(slug=slot.video.slug)
            assigned = assign(plan, number, video.pk)
            assert (shown.viewer, shown.video, shown.experiment) == (
                number,
                video.pk,
                experiment.pk,
            )
            assert (shown.arm, shown.position, shown.phase) == (assigned.arm, slot.position, 1)
            assert shown.propensity == pytest.approx(1 / 3)
            assert slot.thumbnail.url.endswith(f"{video.slug}-{SELECTORS[shown.arm]}")


def test_a_viewer_sees_the_same_again_with_new_ids() -> None:
    make_experiment()
    first, second = (feed.slots("ann").slots for _ in range(2))
    assert [s.thumbnail for s in first] == [s.thumbnail for s in second]
    assert not {s.token for s in first} & {s.token for s in second}


def test_serving_queries_nothing_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(feed, "state", FeedState(now_s=lambda: 0.0))
    make_experiment()
    with django_assert_num_queries(0):
        feed.slots("ann")
    assert not Event.objects.exists()


def test_pages_show_every_video_once() -> None:
    make_experiment(videos=7)
    pages = [feed.slots("ann", count=3, page=page).slots for page in range(4)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert [s.position for page in pages for s in page] == list(range(7))
    assert len({s.video.slug for page in pages for s in page}) == 7
    assert len({feed.slots(f"v{i}", count=1).slots[0].video.slug for i in range(60)}) == 7


def test_a_moving_picture_comes_in_every_format_and_with_a_still_of_its_own() -> None:
    make_experiment(videos=1)
    raw, *moving = (feed.slots("ann", arm=arm).slots[0].thumbnail for arm in range(3))
    assert (raw.sources, raw.video_url, raw.still_url, raw.previews) == ((), None, None, ())
    assert raw.srcset == f"{raw.url} 320w, {raw.url}.still-2x 640w"
    for card in moving:
        avif, webp = card.sources
        assert (avif.media_type, avif.url) == ("image/avif", f"{card.url}.avif")
        assert avif.srcset == f"{card.url}.avif 320w, {card.url}.avif-2x 640w"
        assert (webp.media_type, webp.srcset) == ("image/webp", f"{card.url}.webp 320w")
        assert (card.video_url, card.still_url) == (f"{card.url}.mp4", f"{card.url}.still")
        assert card.still_srcset == f"{card.url}.still 320w, {card.url}.still-2x 640w"
        assert card.srcset == f"{card.url} 320w"


def test_files_that_are_no_wider_are_offered_once_and_previews_apart() -> None:
    make_experiment(videos=1)
    thumbnail = Thumbnail.objects.get(selector=SELECTORS[1])
    for each in thumbnail.renditions:
        each["width"] = 320  # the film has no more pixels
    preview = {**thumbnail.renditions[0], "name": "preview-mp4", "media_type": "video/mp4"}
    thumbnail.renditions.append({**preview, "file": "thumbnails/preview.mp4"})
    thumbnail.save()
    feed.refresh()
    card = feed.slots("ann", arm=1).slots[0].thumbnail
    assert [each.srcset for each in card.sources] == [
        f"{card.url}.avif 320w", f"{card.url}.webp 320w"
    ]  # fmt: skip
    assert card.video_url == f"{card.url}.mp4"
    assert [each.url for each in card.previews] == ["/media/thumbnails/preview.mp4"]


def test_a_smaller_format_without_wide_files_is_offered_behind_one_with_them() -> None:
    make_experiment(videos=1)
    thumbnail = Thumbnail.objects.get(selector=SELECTORS[1])
    for each in thumbnail.renditions:
        if each["name"] == "webp":
            each["size_bytes"] = 1  # as of text on a plain ground
    thumbnail.save()
    feed.refresh()
    card = feed.slots("ann", arm=1).slots[0].thumbnail
    assert [each.media_type for each in card.sources] == ["image/avif", "image/webp"]


def test_a_video_that_is_made_again_is_shown_meanwhile() -> None:
    make_experiment(videos=1)
    Video.objects.update(state=Video.State.WAITING)
    feed.refresh()
    assert len(feed.slots("ann").slots) == 1


def test_a_preview_shows_the_forced_arm_and_is_no_data() -> None:
    make_experiment()
    for arm in range(3):
        for slot in feed.slots("ann", experiment="pilot", arm=arm).slots:
            assert slot.thumbnail.url.endswith(SELECTORS[arm])
            assert slot.token is None
    with pytest.raises(ExperimentError, match="arm == 3"):
        feed.slots("ann", arm=3)


def test_who_is_out_sees_the_control_and_is_no_data() -> None:
    experiment = make_experiment(videos=1, weights=(1, 1, 1), holdback=0.5)
    outside = [s for i in range(200) for s in feed.slots(f"v{i}").slots if s.token is None]
    assert 60 < len(outside) < 140
    assert {s.thumbnail.url.rsplit("-", 1)[1] for s in outside} == {"raw"}
    allocation_phases.change(experiment, ramp=0.0)
    feed.refresh()
    assert feed.slots("ann").slots[0].token is None
    untracked = feed.slots("ann", tracked=False).slots[0]
    assert (untracked.token, untracked.thumbnail.url.rsplit("-", 1)[1]) == (None, "raw")


def test_experiments_of_one_layer_divide_the_viewers() -> None:
    shared = make_experiment("first", layer="feed", layer_to=0.5)
    second = make_experiment("second", layer="feed", layer_from=0.5)
    second.videos.set(shared.videos.all())
    feed.refresh()
    seen: Counter[str] = Counter()
    for i in range(200):
        own = {s.experiment for s in feed.slots(f"v{i}").slots if s.experiment}
        assert len(own) == 1
        seen.update(own)
    assert 60 < seen["first"] < 140


def test_a_video_without_an_arms_picture_takes_no_part() -> None:
    experiment = make_experiment(videos=1)
    experiment.videos.add(make_video("half", ("raw", "gevaden")))
    feed.refresh()
    assert [s.video.slug for s in feed.slots("ann", experiment="pilot").slots] == ["pilot-0"]
    assert {s.video.slug: s.token is None for s in feed.slots("ann").slots}["half"]


def test_says_that_traffic_is_simulated_and_what_does_not_run() -> None:
    make_experiment(simulated="by dice")
    assert feed.slots("ann").simulated == "by dice"
    assert feed.slots("ann", experiment="pilot").simulated == "by dice"
    with pytest.raises(ExperimentError, match="'other', must be one that runs"):
        feed.slots("ann", experiment="other")
