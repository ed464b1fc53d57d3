"""Settings for files that applicants upload."""

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from project.environment.values import CLAMD, connects


def clamd_address(text: str) -> tuple[str, int] | str | None:
    """Returns host and port, the path of a socket, or None for an empty text."""
    if not text:
        return None
    if text.startswith("unix:/"):
        return text.removeprefix("unix:")
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError("must be host:port, such as clamav:3310, or unix:/run/clamav/clamd.sock")
    return host.strip("[]"), int(port)


class UploadSettings(BaseSettings):
    """Part of `reader.Environment`. The descriptions are published in configuration.md."""

    resume_megabytes: int = Field(
        10, ge=1, le=100, description="Largest résumé accepted, in MB of 1024 × 1024 bytes."
    )
    clamd: str = Field(
        "",
        description=(
            "Address of clamd, the server of ClamAV, which scans résumés and import files: "
            "host:port, or unix: and an absolute path. Uploads are refused while it does not "
            "respond. Empty: uploads are not scanned."
        ),
        json_schema_extra=connects(CLAMD, processes=("web",)),
    )
    private_dir: Path | None = Field(
        None,
        description=(
            "Directory of résumés, outside everything that is served. All web and worker "
            "processes must share it. Empty: DATA_DIR/private."
        ),
    )

    @field_validator("clamd")
    @classmethod
    def require_address(cls, value: str) -> str:
        clamd_address(value)
        return value
