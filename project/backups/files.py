"""The directories of uploaded files, and how their content is replaced."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.core.files.storage import storages
from django.db.models import FileField

STAGING = ".restoring"  # inside the directory: it may be a mount point, which cannot be renamed


def directories() -> dict[str, Path]:
    """The directories in a backup, by their names in the archive."""
    return {
        "media": Path(storages["default"].path("")),
        "private": Path(storages["private"].path("")),
    }


def existing_files() -> Iterator[tuple[str, Path]]:
    """All files, with their names in the archive. Leaves out what is hidden at the top."""
    for name, directory in directories().items():
        for path in sorted(directory.glob("[!.]*/**/*")) + sorted(directory.glob("[!.]*")):
            if path.is_file() and not path.is_symlink():
                yield f"{name}/{path.relative_to(directory).as_posix()}", path


def file_columns() -> Iterator[tuple[str, str, str]]:
    """Table, column and directory name of every field that refers to files."""
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, FileField):
                private = column.storage is storages["private"]
                yield model._meta.db_table, str(column.column), "private" if private else "media"


def staged(directory: Path) -> Path:
    return directory / STAGING


def clear_staging() -> None:
    """Remove what an interrupted restore has left."""
    for directory in directories().values():
        shutil.rmtree(staged(directory), ignore_errors=True)


def replace_files() -> None:
    """Delete all files, and move the staged ones to their places. Can be repeated."""
    for directory in directories().values():
        new = staged(directory)
        if not new.exists():
            continue
        for path in directory.iterdir():
            if path.name.startswith("."):
                continue
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        for path in new.iterdir():
            path.rename(directory / path.name)
        new.rmdir()
