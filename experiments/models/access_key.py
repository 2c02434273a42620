"""The keys of programs: of sites that embed Coverlift, and of people's own programs."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from experiments.scope import Scope


class AccessKey(models.Model):
    """One key; of its text only a hash is kept, and the first letters, to tell it by.

    A site's key has no user, opens the doors of pages alone, and stands in public pages: what it
    protects is that only pages of its origins use them. A personal token acts as its user does.
    """

    name = models.CharField(max_length=100, help_text="Where it is used.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True,
        related_name="access_keys", help_text="Whose personal token it is; none for a site's key.",
    )  # fmt: skip
    scopes = models.JSONField(help_text="Of embed, read and manage.")
    origins = models.JSONField(
        default=list, help_text="Origins whose pages may use it, as https://example.org."
    )
    hint = models.CharField(max_length=20, help_text="Its first letters.")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of its text.")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(scopes=[Scope.EMBED.value]),
                name="access_key_of_a_site_embeds",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"
