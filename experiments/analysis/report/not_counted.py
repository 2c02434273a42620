"""Events of an experiment that do not count: bots', repeats and refusals, with their numbers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from experiments.analysis import kept_counts
from experiments.analysis.layout import Layout
from experiments.analysis.report.formatting import percent, whole
from experiments.events.keys import Flag
from experiments.events.receipts import DUPLICATE

# What each rule of docs/events.md finds; an event can be found by several.
FOUND_BY = {
    Flag.BOT_AGENT: "sent by a program",
    Flag.BOT_RATE: "too many for people",
    Flag.NEVER_VIEWABLE: "clicks without a view",
    Flag.CLICKS_ALL: "clicks on too much of what is seen",
}
# Why events of a known experiment are refused; docs/events.md has all reasons.
REFUSED_FOR = {
    "expired": "came too late",
    "future": "have a time that is still to come",
    "unknown_step": "name no step that there is",
    "bad_seconds": "say an impossible time of watching",
    "id_taken": "have the id of another impression",
    "no_impression": "are clicks without their view",
    "unknown_video": "name no video that there is",
    "unknown_experiment": "name no phase or arm that there is",
    "malformed": "cannot be read",
}


@dataclass(frozen=True, slots=True)
class BotRule:
    """Views and clicks that one rule finds suspect; `said` names it for a reader."""

    rule: str
    said: str
    views: int
    clicks: int


@dataclass(frozen=True, slots=True)
class RefusedEvents:
    """Events refused for one reason."""

    reason: str
    events: int


@dataclass(frozen=True, slots=True)
class SilentArm:
    """Impressions of an arm that the feed gave out, and how many of them never reported."""

    arm: str
    given: int
    silent: int


@dataclass(frozen=True, slots=True)
class NotCounted:
    """Events that an experiment does not count.

    Attributes:
        bot_views: views that some rule finds suspect; `bot_clicks` are clicks.
        bots: the same by rule; an event that two rules find is in both.
        bot_videos: primary keys of the videos that suspects saw.
        duplicates: events that came again; each counts once.
        refused: events that were not stored, by reason, of those whose experiment is known.
        silent: by arm, what the feed gave out and nothing was heard of; empty where it was not
            counted.
        crossed_at_login: devices that became another viewer by a login while it ran.
    """

    bot_views: int
    bot_clicks: int
    bots: tuple[BotRule, ...]
    bot_videos: frozenset[int]
    duplicates: int
    refused: tuple[RefusedEvents, ...]
    silent: tuple[SilentArm, ...]
    crossed_at_login: int


def read_not_counted(
    layout: Layout, refused: Mapping[str, int], *, crossed_at_login: int
) -> NotCounted:
    """Read what an experiment does not count: two queries, however much it is.

    Args:
        layout: of the experiment.
        refused: how many events were refused, by reason.
        crossed_at_login: as its attribute.
    """
    suspects = kept_counts.suspect_counts(layout)
    rules = (_by_rule(suspects, flag, said) for flag, said in FOUND_BY.items())
    return NotCounted(
        bot_views=sum(row.views for row in suspects),
        bot_clicks=sum(row.clicks for row in suspects),
        bots=tuple(found for found in rules if found.views or found.clicks),
        bot_videos=frozenset(pk for row in suspects for pk in row.video_ids),
        duplicates=refused.get(DUPLICATE, 0),
        refused=tuple(
            RefusedEvents(*each) for each in sorted(refused.items()) if each[0] != DUPLICATE
        ),
        silent=tuple(
            SilentArm(layout.arms[arm].name, given, given - told)
            for arm, (given, told) in sorted(kept_counts.given_counts(layout).items())
        ),
        crossed_at_login=crossed_at_login,
    )


def _by_rule(suspects: Iterable[kept_counts.SuspectCount], flag: Flag, said: str) -> BotRule:
    found = [row for row in suspects if row.flags & flag]
    return BotRule(
        flag.name.lower() if flag.name else "",
        said,
        sum(row.views for row in found),
        sum(row.clicks for row in found),
    )


def bots(found: NotCounted) -> str:
    """Return how much is left out as bots', and by which rules; empty where nothing is."""
    if not found.bots:
        return ""
    rules = "; ".join(f"{rule.said}: {_views(rule.views, rule.clicks)}" for rule in found.bots)
    return f"{_left_out(found)} ({rules})."


def beside_nothing(found: NotCounted) -> str:
    """Return the same in few words, for where nothing else was counted."""
    return f"{_left_out(found)}." if found.bots else ""


def repeats(found: NotCounted) -> str:
    """Return how many events came again; empty where none did."""
    if not found.duplicates:
        return ""
    return (
        f"{whole(found.duplicates)} events came more than once and count once: pages send again "
        "what was not answered. Many more than that are a sign of a page that a cache hands to "
        "many viewers."
    )


def refusals(found: NotCounted) -> str:
    """Return how many events were refused and for which reasons; empty where none was."""
    if not found.refused:
        return ""
    reasons = ", ".join(
        f"{whole(each.events)} {REFUSED_FOR.get(each.reason, each.reason)}"
        for each in found.refused
    )
    return f"{whole(sum(each.events for each in found.refused))} events were refused: {reasons}."


def silence(found: NotCounted) -> str:
    """Return what share of what was given out never reported; empty where it was not counted."""
    given = sum(arm.given for arm in found.silent)
    if not given:
        return ""
    lost = percent(sum(arm.silent for arm in found.silent) / given, 1)
    by_arm = ", ".join(f"{arm.arm} {percent(arm.silent / arm.given, 1)}" for arm in found.silent)
    return (
        f"Of {whole(given)} pictures that the feed gave out, {lost} told nothing: {by_arm}. Their "
        "page was left, or blocks what it would tell, or a program fetched them. The arms should "
        "lose alike."
    )


def logins(found: NotCounted) -> str:
    """Return how many devices became another viewer by a login; empty where none did."""
    if not found.crossed_at_login:
        return ""
    return (
        f"{whole(found.crossed_at_login)} devices became another viewer by a login while it ran: "
        "what was seen there before counts for the arm that was seen."
    )


def all_said(found: NotCounted) -> list[str]:
    """Return every sentence that there is to say."""
    return [said for tell in (bots, repeats, refusals, silence, logins) if (said := tell(found))]


def _left_out(found: NotCounted) -> str:
    one = found.bot_views + found.bot_clicks == 1
    return f"{_views(found.bot_views, found.bot_clicks)} {'is' if one else 'are'} left out as bots"


def _views(views: int, clicks: int) -> str:
    said = [
        f"{whole(number)} {name}{'' if number == 1 else 's'}"
        for number, name in ((views, "view"), (clicks, "click"))
        if number
    ]
    return " and ".join(said)
