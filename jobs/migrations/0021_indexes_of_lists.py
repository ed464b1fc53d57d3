"""Adds the indexes that the lists of candidates and applications read."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("jobs", "0020_erasure_request_addresses")]

    operations = [
        AddIndexConcurrently(
            "candidate",
            models.Index(fields=["-created_at", "-id"], name="candidates_newest_first"),
        ),
        AddIndexConcurrently(
            "candidate",
            models.Index(
                fields=["name", "school"],
                condition=~models.Q(school=""),
                name="candidates_by_name_and_school",
            ),
        ),
        AddIndexConcurrently(
            "application",
            models.Index(fields=["-created_at", "-id"], name="applications_newest_first"),
        ),
    ]
