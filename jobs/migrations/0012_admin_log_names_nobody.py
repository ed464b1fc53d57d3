"""Puts "#12" in the place of the names of candidates in the admin's own log."""

from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Concat


def erase_names(apps, schema_editor):
    types = apps.get_model("contenttypes", "ContentType").objects
    named = types.filter(app_label="jobs", model__in=["candidate", "application"])
    entries = apps.get_model("admin", "LogEntry").objects.filter(
        content_type__in=list(named.values_list("pk", flat=True))
    )
    entries.update(object_repr=Concat(Value("#"), F("object_id")))


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0011_export_files"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(erase_names, migrations.RunPython.noop)]
