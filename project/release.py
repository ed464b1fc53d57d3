"""The release and build of this code, read without git: container images have no history."""

import tomllib
from pathlib import Path

BUILD_FILE = "BUILD"  # written by deploy/Dockerfile


def release_name(base: Path) -> str:
    """Return `name@version` from pyproject.toml, the format that Sentry parses versions from.

    Example: "recruit-live@0.1.0".
    """
    return f"{_project(base)['name']}@{version(base)}"


def version(base: Path) -> str:
    """Return the version from pyproject.toml. Example: "0.1.0"."""
    return _project(base)["version"]


def build_name(base: Path) -> str:
    """Return the commit or tag that the image was built from; "dev" outside of images."""
    file = base / BUILD_FILE
    return file.read_text().strip() if file.exists() else "dev"


def _project(base: Path) -> dict[str, str]:
    project: dict[str, str] = tomllib.loads((base / "pyproject.toml").read_text())["project"]
    return project
