"""Responses to requests that carried an `Idempotency-Key`."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class IdempotencyRecord(models.Model):
    """The response to a request with an `Idempotency-Key`.

    `status` is null while the request is still in progress.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the request.")
    claim = models.UUIDField(
        default=uuid.uuid4, help_text="Identifies the request that may store the response."
    )
    claimed_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.TextField(blank=True)

    class Meta:
        db_table = "realtime_keptanswer"  # its old name: processes of two versions share the table
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="a_key_names_one_request")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}: {self.status}"
