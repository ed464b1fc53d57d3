from django.db import migrations

from jobs.candidates.contacts import InvalidContact, normalize_email


def repair_addresses(apps, schema_editor):
    """Stored addresses with punctuation behind them find their candidate again, and get mail.

    Leaves those that another candidate has: the two are merged by hand.
    """
    candidates = apps.get_model("jobs", "Candidate").objects
    for candidate in candidates.filter(email__regex=r"[^ -~]").only("pk", "email").iterator():
        try:
            address = normalize_email(candidate.email)
        except InvalidContact:
            continue
        if not candidates.filter(email__iexact=address).exists():
            candidates.filter(pk=candidate.pk).update(email=address)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0009_undone_import_state")]

    operations = [migrations.RunPython(repair_addresses, migrations.RunPython.noop, elidable=True)]
