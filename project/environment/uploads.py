"""The part of the environment that concerns visitors who apply, and the files they leave."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class ForVisitors(BaseSettings):
    """Read as part of `environment.Environment`; the description is the documentation."""

    resume_megabytes: int = Field(
        10, ge=1, le=100, description="Size that a résumé may have, in MB of 1024 × 1024 bytes."
    )
    private_dir: Path | None = Field(
        None, description="Where résumés are kept, away from all that is served; see DATA_DIR."
    )
