"""A video's features: where they are kept, and how a worker that does only that extracts them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from experiments.making import shared_work, site_settings
from experiments.making.child import run_step
from experiments.making.files import local_copy, sha256_of
from experiments.models import Video

if TYPE_CHECKING:
    from thumbnailer.results import KeptAs
    from thumbnailer.settings import ExtractorSettings, FilmSettings

MOST_SPOOLED = 32  # videos whose frames wait for their features, at 150 kB a frame


class FeaturesElsewhere(Exception):  # noqa: N818  no error: the way on is another worker's
    """The features are for another worker to extract.

    Attributes:
        spooled: whether the frames wait for it; if not, too many others do.
    """

    def __init__(self, *, spooled: bool) -> None:
        super().__init__("features are extracted elsewhere")
        self.spooled = spooled


@contextmanager
def features_at_hand(content_sha256: str) -> Iterator[str]:
    """Give the folder of features, with those in it that any machine has of the video.

    Raises:
        OSError: where the bucket does not answer, or there is no room.
    """
    folder = str(settings.FEATURES_ROOT)
    if not shared_work.is_in_bucket():
        yield folder
        return
    with shared_work.shared_features(kept_as(content_sha256).features):
        yield folder


def kept_as(content_sha256: str) -> "KeptAs":
    """Return the names by which the video's features and frames are kept now."""
    from thumbnailer import steps

    of_now = (site_settings.extractor(), site_settings.film())
    return run_step(settings.STEP_TIME_S, steps.kept_as, content_sha256, *of_now)


def refuse_more_spools() -> None:
    """Let no more frames wait than workers of features come round to.

    Raises:
        FeaturesElsewhere: where enough videos wait.
    """
    if Video.objects.filter(state=Video.State.EXTRACTING).count() >= MOST_SPOOLED:
        raise FeaturesElsewhere(spooled=False)


def extract(video: Video) -> None:
    """Extract the features of a spooled video in this process: the spool is our own work.

    Raises:
        SpoolLostError: where the spool is gone; it is to be decoded again.
        ThumbnailerError: where the installation is at fault, or the disk is full.
        OSError: where the bucket does not answer, or there is no room.
    """
    from thumbnailer import steps

    content_sha256 = video.content_sha256
    if not content_sha256:
        with local_copy(video.file) as path:
            content_sha256 = sha256_of(path)
    of_features = (content_sha256, site_settings.extractor(), site_settings.film())
    with _at_hand(*of_features):
        steps.extract(str(settings.SPOOL_ROOT), str(settings.FEATURES_ROOT), *of_features)


@contextmanager
def _at_hand(
    content_sha256: str, extractor: "ExtractorSettings", film: "FilmSettings"
) -> Iterator[None]:
    """Bring the frames here, and leave the features where every machine finds them."""
    from thumbnailer import steps

    if not shared_work.is_in_bucket():
        yield
        return
    kept = steps.kept_as(content_sha256, extractor, film)
    with shared_work.shared_features(kept.features), shared_work.brought_spool(kept.spool):
        yield
