"""The videos of an experiment in a few lines, to be read in a terminal."""

import textwrap

from experiments.analysis.videos import sentences
from experiments.analysis.videos.record import VideoReport

WIDTH = 100


def as_text(report: VideoReport) -> str:
    """Return what is said of all videos together; the tables hold each."""
    if report.reason:
        return f"Nothing can be said of single videos: {report.reason}.\n"
    lines = (
        sentences.trust(report),
        *(sentences.about_arm(report, arm) for arm in report.summaries),
        *(sentences.spread(arm) for arm in report.summaries),
        sentences.gain(report),
        sentences.noise(report.noise),
        sentences.changed_shares(report),
    )
    return "\n".join("\n".join(textwrap.wrap(line, WIDTH)) for line in lines if line) + "\n"
