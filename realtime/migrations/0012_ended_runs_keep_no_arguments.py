"""Clears the arguments of runs that have ended: they may hold search words and reasons."""

from django.db import migrations


def clear(apps, schema_editor):
    runs = apps.get_model("realtime", "TaskRun").objects
    runs.filter(state__in=["succeeded", "failed", "cancelled"]).exclude(arguments=[]).update(
        arguments=[]
    )


class Migration(migrations.Migration):
    dependencies = [("realtime", "0011_idempotency_records")]

    operations = [migrations.RunPython(clear, migrations.RunPython.noop)]
