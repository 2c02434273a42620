"""Videos and the thumbnails made of them."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

SLUG = r"^[-a-zA-Z0-9_]+$"  # what an address can hold; Postgres' $ is the end alone


class Video(models.Model):
    """One video of the site: a file on disk, or an entry of a catalogue without one."""

    class State(models.TextChoices):
        """Where the making of its thumbnails stands."""

        CATALOGUED = "catalogued", "catalogued, no file"
        WAITING = "waiting", "waiting for thumbnails"
        MAKING = "making", "thumbnails being made"
        EXTRACTING = "extracting", "features being extracted"
        STOPPED = "stopped", "stopped by hand"
        READY = "ready", "thumbnails ready"
        FAILED = "failed", "failed"

    class MakingStep(models.TextChoices):
        """The steps of making; each can be run twice."""

        PROBE = "probe"
        DECODE = "decode"
        FEATURES = "features"
        SELECT = "select"
        ENCODE = "encode"
        STORYBOARD = "storyboard"

    class Urgency(models.IntegerChoices):
        """Who waits for it: the greater is made first."""

        BACKFILL = 0, "back-fill"
        NEW = 1, "new upload"
        PERSON = 2, "a person waits"

    slug = models.SlugField(max_length=100, unique=True)
    title = models.CharField(max_length=200)
    channel = models.CharField(max_length=100, blank=True, help_text="Who publishes it.")
    published_at = models.DateTimeField(
        null=True, blank=True, help_text="Viewers read how long ago; empty where it is not known."
    )
    licence = models.CharField(max_length=100, blank=True)
    source = models.CharField(max_length=300, blank=True, help_text="Where the file comes from.")
    file = models.FileField(upload_to="videos/", max_length=300, blank=True)
    original_name = models.CharField(max_length=300, blank=True, help_text="As it was brought.")
    content_sha256 = models.CharField(max_length=64, blank=True)
    duration_s = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0.0)])
    state = models.CharField(max_length=10, choices=State, default=State.CATALOGUED)
    step = models.CharField(max_length=10, choices=MakingStep, blank=True, help_text="Begun last.")
    urgency = models.SmallIntegerField(choices=Urgency, default=Urgency.NEW)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Since it last was ready.")
    retry_at = models.DateTimeField(null=True, blank=True, help_text="Not tried before then.")
    finished_at = models.DateTimeField(null=True, blank=True, help_text="Made, or given up.")
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    storyboard = models.JSONField(
        null=True, blank=True, help_text="Its frames on one sheet: {file, times_s, columns, ...}."
    )
    playable = models.JSONField(
        null=True,
        blank=True,
        help_text="How browsers play it: {file} made for them, {} the film itself, or {error}.",
    )
    film_part = models.JSONField(
        null=True, blank=True, help_text="Edges of the film between its bars, 0 to 1."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)
        indexes = (
            models.Index(
                fields=["-urgency", "id"],
                condition=Q(state="waiting"),
                name="video_waiting",
            ),
            models.Index(fields=["finished_at"], name="video_finished"),
            models.Index(
                fields=["id"],
                condition=Q(state="ready", playable__isnull=True),
                name="video_not_playable",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(duration_s__isnull=True) | Q(duration_s__gte=0),
                name="video_duration_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(state="failed") ^ Q(error_code=""), name="video_failed_iff_error"
            ),
            models.UniqueConstraint(
                fields=["content_sha256"], condition=~Q(content_sha256=""), name="video_file_once"
            ),
            models.CheckConstraint(condition=Q(slug__regex=SLUG), name="video_slug"),
        )

    def __str__(self) -> str:
        return self.title


class VideoFrame(models.Model):
    """A video's picture at a whole second, made by a worker once somebody asked for it."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="frames")
    second = models.PositiveIntegerField()
    width = models.PositiveSmallIntegerField(help_text="At most, in pixels.")
    file = models.CharField(max_length=300, blank=True, help_text="Its name in the storage.")
    error_message = models.TextField(blank=True)
    asked_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=["video", "second", "width"], name="frame_once"),
        )

    def __str__(self) -> str:
        return f"{self.video} at {self.second} s"

    @property
    def is_done(self) -> bool:
        """Tell whether it is made, or cannot be."""
        return bool(self.file or self.error_message)


PUBLISHER = "raw"  # the creative of this name is the publisher's image, else a frame stands in


class Creative(models.Model):
    """A picture or short clip that a person brought for a video; the original is never served."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="creatives")
    name = models.CharField(
        max_length=40, help_text=f"What an arm calls it; {PUBLISHER} for the publisher's image."
    )
    file = models.FileField(upload_to="private/creatives/", max_length=300)
    original_name = models.CharField(max_length=300, blank=True, help_text="As it was brought.")
    content_sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    brought_at = models.DateTimeField(auto_now=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True, help_text="Why no thumbnail can be made of it.")

    class Meta:
        ordering = ("video", "name")
        constraints = (
            models.UniqueConstraint(fields=["video", "name"], name="creative_once"),
            models.CheckConstraint(condition=Q(name__regex=SLUG), name="creative_name"),
        )

    def __str__(self) -> str:
        return f"{self.name} of {self.video}"

    @property
    def is_publishers(self) -> bool:
        """Whether it is the publisher's image, which the control shows."""
        return self.name == PUBLISHER


class Thumbnail(models.Model):
    """What one arm shows of one video, in every format: chosen by a selector, or a creative."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="thumbnails")
    selector = models.CharField(max_length=40, help_text="Its selector, or the creative's name.")
    creative = models.OneToOneField(
        Creative, on_delete=models.CASCADE, null=True, blank=True, related_name="thumbnail",
        help_text="What it was made of, where a person brought it.",
    )  # fmt: skip
    model_version = models.CharField(max_length=80)
    file = models.FileField(
        upload_to="thumbnails/", max_length=300, help_text="The one that every browser shows."
    )
    media_type = models.CharField(max_length=40)
    size_bytes = models.PositiveIntegerField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    renditions = models.JSONField(
        default=list,
        help_text="Every file: {name, file, media_type, size_bytes, width, height, encoder}.",
    )
    selection = models.CharField(
        max_length=40, blank=True, help_text="Digest of features and of what is left out."
    )
    frames_key = models.CharField(
        max_length=64,
        blank=True,
        help_text="Of the video and the shots that the files show, or of the creative.",
    )
    shots_s = models.JSONField(help_text="Start of each shown second, in play order.")
    shot_length_s = models.FloatField(
        default=1.0, help_text="0 for a still; of a creative, how long all of it plays."
    )
    picked_by = models.CharField(
        max_length=150, blank=True, help_text="Who chose the shots by hand; kept ever after."
    )
    candidates = models.JSONField(
        help_text="Ranked [[start, start, start], score, distinctness], best first."
    )
    note = models.TextField(blank=True, help_text="A fallback or stand-in, said plainly.")
    made_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("video", "selector")
        constraints = (
            models.UniqueConstraint(fields=["video", "selector"], name="thumbnail_once"),
            models.CheckConstraint(condition=Q(size_bytes__gt=0), name="thumbnail_not_empty"),
        )

    def __str__(self) -> str:
        return f"{self.video} by {self.selector}"

    @property
    def is_stand_in(self) -> bool:
        """Whether a frame of the video stands in for the publisher's image."""
        return self.selector == PUBLISHER and self.creative_id is None

    @property
    def shots_shown(self) -> tuple[float, tuple[float, ...], str]:
        """The length of its shots, where they begin, or the creative: equal where two show it."""
        creative = self.frames_key if self.creative_id else ""
        return self.shot_length_s, tuple(sorted(self.shots_s)), creative
