"""The audit log's table; the database lets nobody change or take away an entry."""

from django.db import models

from experiments.door import Door

DOORS = [(door.value, door.label) for door in Door]


class AuditEntry(models.Model):
    """One act: who did what to what, by which door, what it was before and after, and why."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    who = models.CharField(max_length=150, help_text="Name of the account; kept after it is gone.")
    door = models.CharField(max_length=10, choices=DOORS)
    kind = models.CharField(max_length=20, help_text="Of what was acted on, as experiment.")
    subject = models.CharField(max_length=100, help_text="Its slug; kept after it is gone.")
    act = models.CharField(max_length=40)
    before = models.JSONField(default=dict, help_text="What the act changed, as it was.")
    after = models.JSONField(default=dict, help_text="The same as it is since.")
    why = models.TextField(blank=True, help_text="The reason that was given.")

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=["kind", "subject"], name="audit_subject"),)

    def __str__(self) -> str:
        return f"{self.who}: {self.act} {self.kind} {self.subject}"
