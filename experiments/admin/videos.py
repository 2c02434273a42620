"""The console's pages of videos and their thumbnails."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from experiments.models import Thumbnail, Video


class ThumbnailInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs alone
    """The pictures made of a video; only the thumbnailer makes them."""

    model = Thumbnail
    extra = 0
    can_delete = False
    fields = (
        "picture", "selector", "model_version", "size_bytes", "shots_s", "picked_by", "note",
    )  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Video | None = None) -> bool:  # noqa: ARG002  Django's signature
        """Refuse: pictures come from the thumbnailer."""
        return False

    @admin.display(description="picture")
    def picture(self, thumbnail: Thumbnail) -> str:
        """Show the thumbnail itself."""
        return _picture(thumbnail)


@admin.register(Thumbnail)
class ThumbnailAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Every thumbnail, to be looked at."""

    list_display = ("picture", "video", "selector", "model_version", "size_bytes", "note")
    list_filter = ("selector", "model_version", "media_type")
    list_select_related = ("video",)
    search_fields = ("video__title", "video__slug")
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  Django's signature
        """Refuse: pictures come from the thumbnailer."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Thumbnail | None = None) -> bool:  # noqa: ARG002  Django's signature
        """Refuse: a thumbnail is made again, not edited."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Thumbnail | None = None) -> bool:  # noqa: ARG002  Django's signature
        """Refuse: an experiment may show it."""
        return False

    @admin.display(description="picture")
    def picture(self, thumbnail: Thumbnail) -> str:
        """Show the thumbnail itself."""
        return _picture(thumbnail)


@admin.register(Video)
class VideoAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """The catalogue, with what went wrong where it did."""

    list_display = ("title", "state", "problem", "duration_s", "thumbnails_made", "licence")
    list_filter = ("state", "error_code", "licence", "experiments")
    search_fields = ("title", "slug", "error_message")
    readonly_fields = (
        "slug", "file", "duration_s", "state", "step", "attempts", "retry_at", "finished_at",
        "error_code", "error_message", "original_name", "content_sha256", "created_at",
    )  # fmt: skip
    exclude = ("storyboard",)
    inlines = (ThumbnailInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  Django's signature
        """Refuse: a video comes by the console's page of videos, which looks into its file."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Video | None = None) -> bool:  # noqa: ARG002  Django's signature
        """Refuse: the video's page says first what it means for experiments."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Video]:
        """Count each video's thumbnails in the one query."""
        videos: QuerySet[Video] = super().get_queryset(request)
        return videos.annotate(thumbnail_count=Count("thumbnails"))

    @admin.display(description="thumbnails", ordering="thumbnail_count")
    def thumbnails_made(self, video: Any) -> int:
        """Return how many thumbnails the video has."""
        return int(video.thumbnail_count)

    @admin.display(description="error", ordering="error_code")
    def problem(self, video: Video) -> str:
        """Return why a failed video failed; "-" where it did not."""
        return f"{video.error_code}: {video.error_message}" if video.error_code else "-"


def _picture(thumbnail: Thumbnail) -> str:
    return format_html(
        '<img src="{}" width="{}" height="{}" loading="lazy" alt="{}">',
        thumbnail.file.url,
        thumbnail.width // 2,
        thumbnail.height // 2,
        str(thumbnail),
    )
