from django.db import migrations

from jobs.candidates.names import normalize_name, searchable_name

BATCH = 1_000


def fill_search_names(apps, schema_editor):
    """Stored names are composed, and searches compare them without accents."""
    candidates = apps.get_model("jobs", "Candidate").objects
    changed = []
    for candidate in candidates.only("pk", "name", "search_name").iterator(chunk_size=BATCH):
        candidate.name = normalize_name(candidate.name)
        candidate.search_name = searchable_name(candidate.name)
        changed.append(candidate)
        if len(changed) == BATCH:
            candidates.bulk_update(changed, ["name", "search_name"])
            changed.clear()
    candidates.bulk_update(changed, ["name", "search_name"])


class Migration(migrations.Migration):
    dependencies = [("jobs", "0018_search_names")]

    operations = [migrations.RunPython(fill_search_names, migrations.RunPython.noop, elidable=True)]
