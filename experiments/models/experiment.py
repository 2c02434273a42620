"""Experiments and their arms."""

import secrets

from django.db import models
from django.db.models import Q

from experiments.at_end import AtEnd
from experiments.metrics import GUARDRAILS, PRIMARY
from experiments.models.catalogue import SLUG, Video
from experiments.stopping import StoppingRule
from experiments.unit import ASSIGNED_UNITS, Unit

UNITS = [(unit.value, unit.label) for unit in ASSIGNED_UNITS]
AT_END = [(each.value, each.label) for each in AtEnd]
STOPPING_RULES = [(rule.value, rule.label) for rule in StoppingRule]
PLANNED_DAYS = 28  # four whole weeks, as the paper's pilot: every weekday counts the same
MARGIN = 0.02
# What makes the roles of people, the least first (server/roles.py).
ROLE_PERMISSIONS: tuple[tuple[str, str], ...] = (
    ("read_reports", "Can read reports"),
    ("analyse", "Can read all numbers and judge"),
    ("operate", "Can use the console"),
    ("administer", "Can manage accounts and tables"),
)


def new_salt() -> str:
    """Return 128 random bits as text: what makes an experiment's assignment its own."""
    return secrets.token_hex(16)


def default_guardrails() -> dict[str, float]:
    """Return the margins of the guardrails that a plan has of itself, by name."""
    return {metric.name: metric.margin for metric in GUARDRAILS if metric.is_default}


class Experiment(models.Model):
    """A comparison of thumbnails over a set of videos."""

    class State(models.TextChoices):
        """Only a running experiment serves its arms; docs/lifecycle.md has what leads where."""

        DRAFT = "draft", "draft"
        RUNNING = "running", "running"
        PAUSED = "paused", "paused"
        ENDED = "ended", "ended"

    LIVE_STATES = (State.RUNNING, State.PAUSED)  # started and not ended: its arms must not change

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    question = models.TextField(blank=True, help_text="What the experiment is to find out.")
    simulated = models.TextField(
        blank=True,
        help_text="Empty for real viewers; otherwise how the traffic was made. Shown everywhere.",
    )
    unit = models.CharField(max_length=12, choices=UNITS, default=Unit.VIEWER_VIDEO.value)
    salt = models.CharField(max_length=64, default=new_salt)
    state = models.CharField(max_length=7, choices=State, default=State.DRAFT)
    min_views = models.PositiveIntegerField(
        default=1,
        help_text="A video counts only where every arm has at least so many views.",
    )
    holdback = models.FloatField(
        default=0.0, help_text="Share of the units that never take part and see the control."
    )
    layer = models.CharField(
        max_length=60,
        blank=True,
        help_text="Experiments of one layer divide its viewers among them; empty for none.",
    )
    layer_from = models.FloatField(default=0.0, help_text="Start of the slice of the layer.")
    layer_to = models.FloatField(default=1.0, help_text="End of the slice of the layer.")
    stopping_rule = models.CharField(
        max_length=16, choices=STOPPING_RULES, default=StoppingRule.ALWAYS_VALID.value
    )
    planned_days = models.PositiveSmallIntegerField(
        null=True, blank=True, default=PLANNED_DAYS,
        help_text="Whole days (UTC) that it is to run; empty for no planned end.",
    )  # fmt: skip
    planned_views = models.PositiveBigIntegerField(
        null=True, blank=True,
        help_text="It is also at its planned end with so many views, all arms together.",
    )  # fmt: skip
    planned_end = models.DateTimeField(
        null=True, blank=True, help_text="Set at the start: the midnight after the planned days."
    )
    expected_views = models.FloatField(
        null=True, blank=True,
        help_text="Views a day of all its videos that its length was planned with, if typed.",
    )  # fmt: skip
    at_end = models.CharField(
        max_length=6, choices=AT_END, default=AtEnd.NOTICE.value,
        help_text="What happens by itself when the planned end has come.",
    )  # fmt: skip
    looks = models.PositiveSmallIntegerField(
        default=4, help_text="How many looks a group-sequential plan has, equally spaced."
    )
    level = models.FloatField(
        default=0.95, help_text="Confidence of every statement, over all looks and arms."
    )
    margin = models.FloatField(
        default=MARGIN,
        help_text="Margin of practical equality: a smaller relative difference does not matter.",
    )
    primary_metric = models.CharField(max_length=40, default=PRIMARY.name)
    guardrails = models.JSONField(
        default=default_guardrails, blank=True,
        help_text="Guardrails by name: the relative change for the worse that is accepted.",
    )  # fmt: skip
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    videos = models.ManyToManyField(Video, related_name="experiments", blank=True)

    class Meta:
        ordering = ("-started_at", "slug")
        permissions = ROLE_PERMISSIONS
        constraints = (
            models.CheckConstraint(
                condition=Q(state="draft", started_at__isnull=True)
                | (~Q(state="draft") & Q(started_at__isnull=False)),
                name="experiment_started_unless_draft",
            ),
            models.CheckConstraint(
                condition=Q(state="ended") ^ Q(ended_at__isnull=True),
                name="experiment_ended_iff_end",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("started_at")),
                name="experiment_ends_after_start",
            ),
            models.CheckConstraint(condition=Q(min_views__gte=1), name="experiment_min_views"),
            models.CheckConstraint(
                condition=Q(stopping_rule__in=[rule for rule, _ in STOPPING_RULES]),
                name="experiment_stopping_rule",
            ),
            models.CheckConstraint(
                condition=Q(level__gt=0.5) & Q(level__lt=1), name="experiment_level"
            ),
            models.CheckConstraint(
                condition=Q(margin__gt=0) & Q(margin__lt=1), name="experiment_margin"
            ),
            models.CheckConstraint(
                condition=Q(stopping_rule="always_valid") | Q(planned_days__isnull=False),
                name="experiment_rule_has_end",
            ),
            models.CheckConstraint(
                condition=Q(at_end__in=[each for each, _ in AT_END]), name="experiment_at_end"
            ),
            models.CheckConstraint(condition=~Q(salt=""), name="experiment_has_salt"),
            models.CheckConstraint(
                condition=Q(holdback__gte=0) & Q(holdback__lt=1), name="experiment_holdback"
            ),
            models.CheckConstraint(
                condition=Q(layer_from__gte=0)
                & Q(layer_to__lte=1)
                & Q(layer_from__lt=models.F("layer_to")),
                name="experiment_layer_slice",
            ),
            models.CheckConstraint(
                condition=Q(unit__in=[unit for unit, _ in UNITS]), name="experiment_unit"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "running", "paused", "ended"]),
                name="experiment_state",
            ),
            models.CheckConstraint(condition=Q(slug__regex=SLUG), name="experiment_slug"),
            models.CheckConstraint(condition=~Q(name=""), name="experiment_has_name"),
        )

    def __str__(self) -> str:
        return self.name


class TwoWayError(models.Model):
    """What the error by viewer and video at once says; computed aside, for it takes minutes."""

    experiment = models.OneToOneField(
        Experiment, on_delete=models.CASCADE, related_name="two_way_error"
    )
    watermark = models.BigIntegerField(help_text="Of the counts that it was computed of.")
    made_at = models.DateTimeField(auto_now=True)
    took_s = models.FloatField()
    sums = models.BigIntegerField(help_text="How many (viewer, video, arm) were summed.")
    comparisons = models.JSONField(
        help_text="Each arm but the control: improvement, low, high, level, p_value, reason."
    )
    inflation = models.FloatField(
        default=1.0, help_text="How many times the paired variance it is, at least 1."
    )
    df = models.FloatField(null=True, help_text="Degrees of freedom; null where it has none.")
    noise = models.JSONField(
        null=True,
        help_text="Variance of clicks within a video and arm, with viewers as the sample, over a "
        "binomial's: value, low, high, level, reason.",
    )
    units = models.BigIntegerField(default=0, help_text="How many units were seen.")
    crossed = models.BigIntegerField(default=0, help_text="How many of them in two arms.")
    busiest_share = models.FloatField(
        null=True, help_text="Share of the views that the busiest 1 % of the viewers make."
    )
    views_of_pairs = models.FloatField(
        null=True, help_text="Views of a video by a viewer who saw it, on average."
    )
    first_views = models.JSONField(
        default=list,
        help_text="Each arm by first views: units, clicks, mean_ctr, improvement, p_value; empty "
        "where hardly anyone came back.",
    )
    overlaps = models.JSONField(
        default=list,
        help_text="Other experiments on its videos: slug, viewers in both, of_viewers, and pairs "
        "of a viewer and a video in both.",
    )
    busiest_clicks_share = models.FloatField(
        null=True, help_text="Share of the clicks by the 1 % of the viewers who click most."
    )
    cuts = models.JSONField(
        null=True,
        help_text="Effects by hour, place, device, number of views and new viewers: log ratios "
        "with their covariance; null where computed before there were cuts.",
    )
    realised_errors = models.JSONField(
        default=list,
        help_text="Of the test on its own log: kind, method, nominal, rate, tests, untestable.",
    )
    course = models.JSONField(
        default=list,
        help_text="By viewer, where viewers are the sample: each day, and the arms' means and "
        "errors up to its end.",
    )
    carry_over = models.JSONField(
        default=list,
        help_text="Each arm whose units saw another before: views, clicks, and the click rates by "
        "what they saw; empty where shares never changed.",
    )

    def __str__(self) -> str:
        return f"two-way error of {self.experiment}"


class Arm(models.Model):
    """One way of showing every video of an experiment; index 0 is the control."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="arms")
    index = models.PositiveSmallIntegerField(help_text="0 is the control.")
    name = models.CharField(max_length=60)
    selector = models.CharField(max_length=40, help_text="Whose thumbnail the arm shows.")
    weight = models.FloatField(
        default=1.0, help_text="Share of the traffic, in proportion to the other arms'; as of now."
    )

    class Meta:
        ordering = ("experiment", "index")
        constraints = (
            models.UniqueConstraint(fields=["experiment", "index"], name="arm_index_once"),
            models.UniqueConstraint(fields=["experiment", "name"], name="arm_name_once"),
            models.CheckConstraint(
                condition=Q(weight__gte=0) & Q(weight__lt=float("inf")), name="arm_weight"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="arm_has_name"),
        )

    def __str__(self) -> str:
        return f"{self.index} {self.name}"
