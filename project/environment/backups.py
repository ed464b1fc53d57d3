"""Backups: where they are written, for how long they are kept, and for whom they are encrypted."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class BackupSettings(BaseSettings):
    """Part of `reader.Environment`. The descriptions are published in configuration.md."""

    backup_dir: Path | None = Field(
        None,
        description=(
            "Directory that `manage.py backup` writes to; best a file system of another machine. "
            "Empty: DATA_DIR/backups."
        ),
    )
    backup_keep_days: int = Field(
        30,
        ge=0,
        description=(
            "Days after which `manage.py backup` deletes older backups in its directory. It always "
            "keeps the newest. 0: deletes none."
        ),
    )
    backup_max_age_hours: float = Field(
        26.0,
        ge=0,
        description=(
            "Age of the last backup, in hours, above which `BackupTooOld` fires and `doctor` "
            "warns. 0: not monitored, because another system makes the backups."
        ),
    )
    backup_age_recipient: str = Field(
        "",
        pattern=r"^(age1\S+|ssh-\S+ \S.*)?$",
        description=(
            "Public key (age1… or ssh-…) for which `age` encrypts backups. Empty: not with `age`."
        ),
    )
    backup_gpg_recipient: str = Field(
        "",
        pattern=r"^[^-\s]?\S*$",
        description=(
            "Fingerprint or address of the key for which `gpg` encrypts backups; it must be in the "
            "keyring. Empty: not with `gpg`."
        ),
    )
