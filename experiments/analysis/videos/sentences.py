"""Sentences about single videos, the same on page, command and API."""

from math import isnan

from experiments.analysis.report.formatting import percent, whole
from experiments.analysis.report.verdict import Kind
from experiments.analysis.videos.record import ArmLifts, Noise, VideoReport

NO_MATTER = 1.005  # noise that is shown as 1.00


def trust(report: VideoReport) -> str:
    """Return that nothing here can be trusted; empty where the experiment can."""
    if report.verdict.kind is not Kind.DO_NOT_TRUST:
        return ""
    return f"Do not trust these figures: {' '.join(report.verdict.wrong)}"


def gain(report: VideoReport) -> str:
    """Return what shipping the best arm of each video is worth."""
    if isnan(report.gained):
        return ""
    said = (
        f"Shipping the best arm of each video is expected to gain {whole(round(report.gained))} "
        "clicks over the control, in as many views as these"
    )
    best = [arm for arm in report.summaries if arm.arm == report.best_single_arm]
    if not best:
        return f"{said}; of single arms the control loses least."
    return (
        f"{said}; shipping {best[0].arm} to all, the best single arm, gains "
        f"{whole(round(best[0].regret))} fewer."
    )


def about_arm(report: VideoReport, arm: ArmLifts) -> str:
    """Return what all videos together say of an arm."""
    videos = len(report.videos)
    unclear = videos - arm.better - arm.worse
    return (
        f"{arm.arm} is better on {whole(arm.better)} of {whole(videos)} videos and worse on "
        f"{whole(arm.worse)}; on {whole(unclear)} it is not clear. Of those named, at most "
        f"{percent(report.wrong_signs, 0)} are expected to be named wrongly. It is the arm to ship "
        f"for {whole(arm.shipped)}."
    )


def noise(found: Noise) -> str:
    """Return how much clicks vary beside chance, and how that is known."""
    known = [
        f"{source} say {each.value:.2f} ({each.low:.2f} to {each.high:.2f})"
        for source, each in (
            ("the viewers of each video", found.by_viewers),
            ("videos on which arms show the same", found.by_same_creatives),
        )
        if not isnan(each.value)
    ]
    if not known:
        return (
            "How much clicks vary beside chance is not known: "
            f"{found.by_viewers.reason}. Until it is, chance alone is supposed."
        )
    said = f"Clicks vary more than chance alone makes them: {', '.join(known)}"
    if found.used < NO_MATTER:
        return f"Clicks vary as chance alone makes them: {', '.join(known)} times its variance."
    return f"{said} times its variance. The larger is reckoned with."


def spread(arm: ArmLifts) -> str:
    """Return how the lifts differ from video to video."""
    if isnan(arm.spread.value):
        return ""
    return (
        f"From video to video the log lift of {arm.arm} differs with an s.d. of "
        f"{arm.spread.value:.2f} ({arm.spread.low:.2f} to {arm.spread.high:.2f})."
    )


def changed_shares(report: VideoReport) -> str:
    """Return why a lift is not the quotient of sums; empty where it is."""
    if not report.changed_shares:
        return ""
    return (
        "The arms' shares changed, so that a video's lift compares within times of equal shares "
        "only: it is not the quotient of the views and clicks beside it."
    )
