"""Which code this is, told without git: an image does not hold the history."""

import tomllib
from pathlib import Path


def of_this_code(base: Path) -> str:
    """`name@version` as pyproject.toml has them, the form that Sentry reads versions from."""
    project = tomllib.loads((base / "pyproject.toml").read_text())["project"]
    return f"{project['name']}@{project['version']}"
