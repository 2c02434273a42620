"""Events and their counts: narrow tables for many rows.

The partitioned event table and that of arrivals are made by SQL in the migrations; docs/events.md
says why they look as they do.
"""

from django.db import models
from django.db.models import Q

from experiments.measures import MEASURES
from experiments.models.experiment import Experiment


class Event(models.Model):
    """One step of one impression, once; a daily partition holds its day's impressions."""

    key = models.BigIntegerField(primary_key=True, help_text="Impression id and step.")
    viewer = models.BigIntegerField(help_text="Keyed hash of the viewer's text.")
    video = models.IntegerField()
    cell = models.SmallIntegerField(help_text="Experiment, phase and arm.")
    context = models.SmallIntegerField(help_text="Position, device and flags.")
    watched_ms = models.IntegerField(null=True, help_text="Only for the step watched.")

    class Meta:
        managed = False
        db_table = "experiments_event"


class Arrival(models.Model):
    """Hours, minutes and videos that a transaction added events to; leaves with their count."""

    hours = models.JSONField(primary_key=True, help_text="integer[]: hours since 2010.")
    minutes = models.JSONField(null=True, help_text="integer[]: NULL where it may be any of them.")
    videos = models.JSONField(null=True, help_text="integer[]: NULL where it may be any.")

    class Meta:
        managed = False
        db_table = "experiments_arrival"


class IdBlock(models.Model):
    """A block number of impression ids, held by one process for a span of time."""

    number = models.SmallIntegerField()
    from_ms = models.BigIntegerField(help_text="Milliseconds since 2010.")
    until_ms = models.BigIntegerField()
    owner = models.CharField(max_length=120, unique=True)

    class Meta:
        indexes = (models.Index(fields=["until_ms"], name="idblock_until"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(until_ms__gt=models.F("from_ms")), name="idblock_span"
            ),
        )

    def __str__(self) -> str:
        return f"block {self.number} of {self.owner}"


class Rejection(models.Model):
    """Events of one request that were refused for one reason, with a sample of them."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    reason = models.CharField(max_length=20)
    experiment = models.IntegerField(null=True, help_text="Its primary key, where it is known.")
    events = models.PositiveIntegerField()
    sample = models.CharField(max_length=300, blank=True)
    is_counted = models.BooleanField(default=False, help_text="Whether `RefusedCount` holds it.")

    class Meta:
        indexes = (
            models.Index(fields=["id"], name="rejection_uncounted", condition=Q(is_counted=False)),
        )

    def __str__(self) -> str:
        return f"{self.events} {self.reason}"


class RefusedCount(models.Model):
    """How many events of an experiment were refused for one reason; repeats are one."""

    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="refused_counts"
    )
    reason = models.CharField(max_length=20)
    events = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["experiment", "reason"], name="refused_count_once"),
        )

    def __str__(self) -> str:
        return f"{self.events} {self.reason} of {self.experiment}"


class GivenCount(models.Model):
    """How many impressions of a cell the feed gave out on a day, whether they report or not."""

    pk = models.CompositePrimaryKey("day", "cell")
    day = models.DateField()
    cell = models.SmallIntegerField()
    impressions = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.impressions} of cell {self.cell} on {self.day}"


class NetworkVisit(models.Model):
    """A viewer who sent events of a day from a network; forgotten after some days."""

    day = models.IntegerField(help_text="Since 2010, of the impressions.")
    network = models.BigIntegerField(help_text="Keyed hash of the network's address.")
    viewer = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["day", "network", "viewer"], name="network_visit_once"),
        )

    def __str__(self) -> str:
        return f"viewer {self.viewer} from network {self.network}"


class ViewerFlag(models.Model):
    """A viewer whose events of a day are suspect, whenever they come: counting joins it."""

    pk = models.CompositePrimaryKey("viewer", "day")
    viewer = models.BigIntegerField()
    day = models.IntegerField(help_text="Since 2010, of the impressions.")
    flags = models.SmallIntegerField(help_text="They only ever come on.")

    def __str__(self) -> str:
        return f"flags {self.flags} of viewer {self.viewer}"


class ArchivedDay(models.Model):
    """A day whose events are in a file and no longer in the database; its counts stay."""

    day = models.DateField(primary_key=True)
    events = models.BigIntegerField()
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, help_text="Of the file as it was written.")
    archived_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.events:,} events in {self.size_bytes / 1e6:,.1f} MB"


class Counts(models.Model):
    """The columns that all counts share: flags, and every measure (experiments/measures.py).

    NULL is a measure that was not yet counted when the row was; `manage.py recount` counts it.
    """

    flags = models.SmallIntegerField(help_text="0: nothing suspect.")

    class Meta:
        abstract = True


for _measure in MEASURES:
    _field = models.BigIntegerField if _measure.adds_watched_ms else models.IntegerField
    Counts.add_to_class(_measure.name, _field(null=True))


class DayCount(Counts):
    """Counts by day, cell, video and flags."""

    pk = models.CompositePrimaryKey("day", "cell", "video", "flags")
    day = models.DateField()
    cell = models.SmallIntegerField()
    video = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.day} cell {self.cell} video {self.video}"


class HourCount(Counts):
    """Counts by hour, cell, band of positions, device and flags."""

    pk = models.CompositePrimaryKey("hour", "cell", "band", "device", "flags")
    hour = models.DateTimeField()
    cell = models.SmallIntegerField()
    band = models.SmallIntegerField(help_text="0: places 0-2, 1: 3-9, 2: 10-29, 3: further down.")
    device = models.SmallIntegerField()

    def __str__(self) -> str:
        return f"{self.hour} cell {self.cell} band {self.band}"


class VideoHourCount(Counts):
    """Counts by hour, video, cell and flags, of days that are still open; they add up to days."""

    pk = models.CompositePrimaryKey("hour", "video", "cell", "flags")
    hour = models.DateTimeField()
    video = models.IntegerField()
    cell = models.SmallIntegerField()

    def __str__(self) -> str:
        return f"{self.hour} cell {self.cell} video {self.video}"


class VideoMinuteCount(Counts):
    """Counts by minute, video, cell and flags, of hours that are still open."""

    pk = models.CompositePrimaryKey("minute", "video", "cell", "flags")
    minute = models.DateTimeField()
    video = models.IntegerField()
    cell = models.SmallIntegerField()

    def __str__(self) -> str:
        return f"{self.minute} cell {self.cell} video {self.video}"


class MinuteCount(Counts):
    """Counts by minute, cell, band of positions, device and flags, of hours still open."""

    pk = models.CompositePrimaryKey("minute", "cell", "band", "device", "flags")
    minute = models.DateTimeField()
    cell = models.SmallIntegerField()
    band = models.SmallIntegerField(help_text="As those of hours.")
    device = models.SmallIntegerField()

    def __str__(self) -> str:
        return f"{self.minute} cell {self.cell} band {self.band}"
