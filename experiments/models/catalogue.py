"""Videos and the thumbnails made of them."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q


class Video(models.Model):
    """One video of the site: a file on disk, or an entry of a catalogue without one."""

    class State(models.TextChoices):
        """Where the making of its thumbnails stands."""

        CATALOGUED = "catalogued", "catalogued, no file"
        WAITING = "waiting", "waiting for thumbnails"
        MAKING = "making", "thumbnails being made"
        READY = "ready", "thumbnails ready"
        FAILED = "failed", "failed"

    slug = models.SlugField(max_length=100, unique=True)
    title = models.CharField(max_length=200)
    licence = models.CharField(max_length=100, blank=True)
    source = models.CharField(max_length=300, blank=True, help_text="Where the file comes from.")
    file = models.FileField(upload_to="videos/", max_length=300, blank=True)
    content_sha256 = models.CharField(max_length=64, blank=True)
    duration_s = models.FloatField(null=True, blank=True, validators=[MinValueValidator(0.0)])
    state = models.CharField(max_length=10, choices=State, default=State.CATALOGUED)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Since it last was ready.")
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)
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
        )

    def __str__(self) -> str:
        return self.title


class Thumbnail(models.Model):
    """What one selector made of one video."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="thumbnails")
    selector = models.CharField(max_length=40)
    model_version = models.CharField(max_length=80)
    file = models.FileField(upload_to="thumbnails/", max_length=300)
    media_type = models.CharField(max_length=40)
    size_bytes = models.PositiveIntegerField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    shots_s = models.JSONField(help_text="Start of each shown second, in play order.")
    candidates = models.JSONField(help_text="Ranked [[start, start, start], score], best first.")
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
