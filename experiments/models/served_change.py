"""The count of changes to what is served, which the database itself keeps."""

from django.db import models


class ServedChange(models.Model):
    """How often one database session has changed what is served; triggers write it.

    Each session has a row of its own, so that no two transactions wait for each other. A change is
    seen when its transaction is: the sum over all rows grows by it at that moment.
    """

    session = models.IntegerField(primary_key=True, help_text="Process id of the database session.")
    changes = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.changes} changes of session {self.session}"
