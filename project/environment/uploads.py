"""Settings for files that applicants upload."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class UploadSettings(BaseSettings):
    """Part of `reader.Environment`. The descriptions are published in configuration.md."""

    resume_megabytes: int = Field(
        10, ge=1, le=100, description="Largest résumé accepted, in MB of 1024 × 1024 bytes."
    )
    private_dir: Path | None = Field(
        None,
        description=(
            "Directory of résumés, outside everything that is served. All web and worker "
            "processes must share it. Empty: DATA_DIR/private."
        ),
    )
