"""The release name of this code, read without git: container images have no history."""

import tomllib
from pathlib import Path


def release_name(base: Path) -> str:
    """Return `name@version` from pyproject.toml, the format that Sentry parses versions from.

    Example: "recruit-live@0.1.0".
    """
    project = tomllib.loads((base / "pyproject.toml").read_text())["project"]
    return f"{project['name']}@{project['version']}"
