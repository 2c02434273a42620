"""Bots: viewers who behave as no person does: found a day at a time, flagged, never dropped.

Rules on one viewer's events of one day (docs/events.md says where the limits come from):

- BOT_RATE: more than 1,000 viewable impressions within one hour;
- NEVER_VIEWABLE: 5 clicks or more, and not one viewable impression except those that the clicks
  themselves imply;
- CLICKS_ALL: 20 viewable impressions or more, and a click on more than half of them.

A program may be a new viewer each time. So two rules add up the viewers of one network, and flag
all of them:

- BOT_RATE: more than 20,000 viewable impressions within one hour;
- CLICKS_ALL: 100 viewable impressions or more, and a click on more than a quarter of them.

(BOT_AGENT, from the user agent, is set when an event arrives.) Flags only ever come on, and the
hours touched are noted as arrivals, so that the next rollup counts them anew. A click takes over
what its view is suspected of; at the door it does so, too, but events of before did not.
"""

from collections.abc import Iterable

from django.db import connection, transaction

from experiments.events.clock import now_ms
from experiments.events.impressions import SUSPICION
from experiments.events.keys import DAY_MS, HOUR_MS, TIME_SHIFT, Flag, first_key
from experiments.events.networks import forget_before
from experiments.measures import Step

MAX_VIEWS_AN_HOUR = 1_000
MIN_CLICKS_UNSEEN = 5
MIN_VIEWS_TO_JUDGE = 20
MAX_CLICK_SHARE = 0.5
MAX_NETWORK_VIEWS_AN_HOUR = 20_000
MIN_NETWORK_VIEWS_TO_JUDGE = 100
MAX_NETWORK_CLICK_SHARE = 0.25

_BY_VIEWER = f"""
WITH hourly AS (
    SELECT viewer, (key >> {TIME_SHIFT}) / {HOUR_MS} AS hour,
           count(*) FILTER (WHERE key & 7 = {int(Step.VIEWABLE)}) AS views,
           count(*) FILTER (WHERE key & 7 = {int(Step.VIEWABLE)}
                            AND (context >> 10) & {int(Flag.IMPLIED)} <> 0) AS implied,
           count(*) FILTER (WHERE key & 7 = {int(Step.CLICK)}) AS clicks
    FROM experiments_event WHERE key >= %(from)s AND key < %(until)s GROUP BY 1, 2
), daily AS (
    SELECT viewer, max(views) AS fastest, sum(views) AS views, sum(implied) AS implied,
           sum(clicks) AS clicks
    FROM hourly GROUP BY viewer
), suspects AS (
    SELECT viewer,
           CASE WHEN fastest > {MAX_VIEWS_AN_HOUR} THEN {int(Flag.BOT_RATE)} ELSE 0 END
         | CASE WHEN clicks >= {MIN_CLICKS_UNSEEN} AND implied = views
                THEN {int(Flag.NEVER_VIEWABLE)} ELSE 0 END
         | CASE WHEN views >= {MIN_VIEWS_TO_JUDGE} AND clicks > {MAX_CLICK_SHARE} * views
                THEN {int(Flag.CLICKS_ALL)} ELSE 0 END AS flags
    FROM daily
)"""  # noqa: S608  constants of ours

_BY_NETWORK = f"""
WITH visits AS (
    SELECT network, viewer FROM experiments_networkvisit WHERE day = %(day)s
), hourly AS (
    SELECT network, (key >> {TIME_SHIFT}) / {HOUR_MS} AS hour,
           count(*) FILTER (WHERE key & 7 = {int(Step.VIEWABLE)}) AS views,
           count(*) FILTER (WHERE key & 7 = {int(Step.CLICK)}) AS clicks
    FROM experiments_event JOIN visits USING (viewer)
    WHERE key >= %(from)s AND key < %(until)s GROUP BY 1, 2
), daily AS (
    SELECT network, max(views) AS fastest, sum(views) AS views, sum(clicks) AS clicks
    FROM hourly GROUP BY network
), suspects AS (
    SELECT viewer, bit_or(
           CASE WHEN fastest > {MAX_NETWORK_VIEWS_AN_HOUR} THEN {int(Flag.BOT_RATE)} ELSE 0 END
         | CASE WHEN views >= {MIN_NETWORK_VIEWS_TO_JUDGE}
                 AND clicks > {MAX_NETWORK_CLICK_SHARE} * views
                THEN {int(Flag.CLICKS_ALL)} ELSE 0 END) AS flags
    FROM daily JOIN visits USING (network) GROUP BY viewer
)"""  # noqa: S608  constants of ours

_FLAG = f"""
, flagged AS (
    UPDATE experiments_event AS event
    SET context = (context | (flags << 10))::smallint
    FROM suspects
    WHERE event.viewer = suspects.viewer AND flags <> 0
      AND key >= %(from)s AND key < %(until)s AND (context >> 10) & flags <> flags
    RETURNING (key >> {TIME_SHIFT}) / {HOUR_MS} AS hour
), noted AS (
    INSERT INTO experiments_arrival (hours)
    SELECT array_agg(DISTINCT hour) FROM flagged HAVING count(*) > 0
)
SELECT count(*) FROM flagged
"""  # noqa: S608  constants of ours


_FLAG_CLICKS = f"""
WITH flagged AS (
    UPDATE experiments_event AS click
    SET context = (click.context | (seen.context & {SUSPICION}))::smallint
    FROM experiments_event AS seen
    WHERE seen.key & 7 = {int(Step.VIEWABLE)} AND seen.context & {SUSPICION} <> 0
      AND click.key = seen.key + {Step.CLICK - Step.VIEWABLE}
      AND seen.context & {SUSPICION} & ~click.context <> 0
      AND seen.key >= %(from)s AND seen.key < %(until)s
      AND click.key >= %(from)s AND click.key < %(until)s
    RETURNING (click.key >> {TIME_SHIFT}) / {HOUR_MS} AS hour
), noted AS (
    INSERT INTO experiments_arrival (hours)
    SELECT array_agg(DISTINCT hour) FROM flagged HAVING count(*) > 0
)
SELECT count(*) FROM flagged
"""  # noqa: S608  constants of ours


def flag_days(days: Iterable[int]) -> int:
    """Flag the suspect viewers' events of these days; return how many events were newly flagged.

    Args:
        days: days counted from 2010-01-01.
    """
    flagged = 0
    for day in days:
        span = {"day": day, "from": first_key(day * DAY_MS), "until": first_key((day + 1) * DAY_MS)}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_sort = off")
            for flag in (_BY_VIEWER + _FLAG, _BY_NETWORK + _FLAG, _FLAG_CLICKS):
                cursor.execute(flag, span)
                flagged += cursor.fetchone()[0]
    return flagged


def flag_last_days(days: int) -> int:
    """Flag today's and the days' before it, ``days`` in all; return how many were newly flagged.

    Which networks viewers came from before is forgotten.
    """
    today = now_ms() // DAY_MS
    forget_before(today - days + 1)
    return flag_days(range(today - days + 1, today + 1))
