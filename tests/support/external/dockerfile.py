"""Runs the steps of the Dockerfile without a container engine."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import venv
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from io import BytesIO
from pathlib import Path

from django.conf import settings
from dockerfile_parse import DockerfileParser

BASE = Path(settings.BASE_DIR)
DOCKERFILE = BASE / "deploy" / "Dockerfile"
IGNORED = ("__pycache__", "*.pyc", "*.mo")  # copied from .dockerignore; a test compares them


@dataclass
class Stage:
    """The instructions between one FROM and the next."""

    image: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def values(self, instruction: str) -> list[str]:
        return [value for name, value in self.steps if name == instruction]

    def command(self, instruction: str) -> list[str]:
        """Returns the last instruction of this name in list form, such as ENTRYPOINT."""
        value = self.values(instruction)[-1]
        found: list[str] = json.loads(value[value.index("[") :])
        return found

    @property
    def environment(self) -> dict[str, str]:
        words = [word for value in self.values("ENV") for word in shlex.split(value)]
        return dict(word.split("=", 1) for word in words)

    @property
    def copies(self) -> list[tuple[list[str], str]]:
        """Returns the sources copied from our tree, and their targets."""
        words = [value.split() for value in self.values("COPY") if "--from" not in value]
        return [(sources, target) for *sources, target in words]


def stages() -> dict[str, Stage]:
    """Returns every stage by its name."""
    found: dict[str, Stage] = {}
    for step in DockerfileParser(fileobj=BytesIO(DOCKERFILE.read_bytes())).structure:
        if step["instruction"] == "FROM":
            image, _, name = step["value"].partition(" AS ")
            found[name] = stage = Stage(image)
        elif step["instruction"] != "COMMENT":
            stage.steps.append((step["instruction"], step["value"]))
    return found


def ignored(path: str) -> bool:
    """True if .dockerignore excludes this path; the last matching line decides."""
    verdict = False
    for line in (BASE / ".dockerignore").read_text().splitlines():
        pattern, keeps = line.removeprefix("!"), line.startswith("!")
        if not line or line.startswith("#"):
            continue
        parts = path.split("/")
        parents = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        if pattern.startswith("**/"):
            hit = any(fnmatch.fnmatch(part, pattern[3:]) for part in parts)
        else:
            hit = any(fnmatch.fnmatch(parent, pattern) for parent in parents)
        if hit:
            verdict = not keeps
    return verdict


def install(directory: Path) -> Path:
    """Makes an environment with the packages of the image's lock file and no others.

    Links those of the tests' environment, which has the same versions; returns its Python.
    """
    venv.create(directory, symlinks=True)
    (packages,) = directory.glob("lib/python*/site-packages")
    lines = (BASE / "requirements" / "image.txt").read_text()
    for name in re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==", lines, re.MULTILINE):
        with suppress(PackageNotFoundError):  # of another system or version of Python
            for top in {file.parts[0] for file in distribution(name).files or ()} - {".."}:
                there = Path(str(distribution(name).locate_file(top)))
                if not (packages / top).exists():
                    (packages / top).symlink_to(there)
    return directory / "bin" / "python"


def build(directory: Path, stage: Stage, python: Path) -> None:
    """Runs a stage's COPY and RUN instructions in this directory, except installations."""
    for instruction, value in stage.steps:
        if instruction == "COPY":
            *sources, target = value.split()
            for source in sources:
                _copy(BASE / source, directory / target)
        elif instruction == "RUN" and not re.search(r"\b(pip|apt-get) install\b", value):
            subprocess.run(
                ["/bin/sh", "-ec", value], cwd=directory, env=environment(stage, python), check=True
            )


def environment(stage: Stage, python: Path) -> dict[str, str]:
    """Returns the image's environment, with only this interpreter added to PATH."""
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    return stage.environment | {"PATH": path}


def _copy(source: Path, target: Path) -> None:
    """Copies like COPY: a directory's contents, or a file into a directory."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(*IGNORED))
        return
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target / source.name)
