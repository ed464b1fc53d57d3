"""Another version of the product: a copy of its code with one migration more."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.db.migrations.loader import MigrationLoader

PARTS = (
    *("manage.py", "pyproject.toml"),
    *("deploy", "monitoring", "realtime", "jobs", "interview", "project"),
)
NEXT = "9999_next"


def copy_product(directory: Path) -> Path:
    """Copies the code, with its compiled modules, so that the copy starts as fast."""
    for name in PARTS:
        source, target = settings.BASE_DIR / name, directory / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns(".env", "secrets"))
        else:
            shutil.copy2(source, target)
    return directory


def add_migration(product: Path, app: str, operations: str) -> str:
    """Adds a migration behind the last one of an app; returns its name.

    operations: Python source, a list of operations of `migrations` with fields of `models`.
    """
    ((_, last),) = MigrationLoader(None).graph.leaf_nodes(app)
    (product / app / "migrations" / f"{NEXT}.py").write_text(
        "from django.contrib.postgres.operations import AddIndexConcurrently\n"
        "from django.db import migrations, models\n\n\n"
        "class Migration(migrations.Migration):\n"
        f"    dependencies = [({app!r}, {last!r})]\n"
        f"    operations = {operations}\n"
    )
    return f"{app}.{NEXT}"
