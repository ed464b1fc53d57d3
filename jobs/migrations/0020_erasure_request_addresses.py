from django.db import migrations, models


def fill_addresses(apps, schema_editor):
    """The address of the page that a request came from: as entered, else the one on record."""
    requests = apps.get_model("jobs", "ErasureRequest").objects
    submissions = apps.get_model("jobs", "Submission").objects
    kept = requests.filter(state__in=("open", "declined")).exclude(application=None)
    for request in kept.select_related("candidate"):
        submission = submissions.filter(application=request.application_id).first()
        entered = submission.entries.get("email") if submission else ""
        request.email = str(entered or request.candidate.email).lower()
        request.save(update_fields=["email"])


class Migration(migrations.Migration):
    dependencies = [("jobs", "0019_composed_names")]

    operations = [
        migrations.AddField(
            model_name="erasurerequest",
            name="email",
            field=models.EmailField(
                blank=True,
                db_default="",
                default="",
                help_text="Whose page it came from.",
                max_length=254,
                verbose_name="e-mail",
            ),
        ),
        migrations.RunPython(fill_addresses, migrations.RunPython.noop, elidable=True),
    ]
