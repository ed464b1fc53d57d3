"""The image's own steps, carried out without a container engine."""

from __future__ import annotations

import fnmatch
import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from django.conf import settings
from dockerfile_parse import DockerfileParser

BASE = Path(settings.BASE_DIR)
DOCKERFILE = BASE / "deploy" / "Dockerfile"
LEFT_OUT = ("__pycache__", "*.pyc", "*.mo")  # as .dockerignore has them; a test compares


@dataclass
class Stage:
    """What lies between one FROM and the next."""

    image: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def values(self, instruction: str) -> list[str]:
        return [value for name, value in self.steps if name == instruction]

    def command(self, instruction: str) -> list[str]:
        """The last of these that is written as a list, such as ENTRYPOINT."""
        value = self.values(instruction)[-1]
        found: list[str] = json.loads(value[value.index("[") :])
        return found

    @property
    def environment(self) -> dict[str, str]:
        words = [word for value in self.values("ENV") for word in shlex.split(value)]
        return dict(word.split("=", 1) for word in words)

    @property
    def copies(self) -> list[tuple[list[str], str]]:
        """Sources in our own tree, and where they go."""
        words = [value.split() for value in self.values("COPY") if "--from" not in value]
        return [(sources, target) for *sources, target in words]


def stages() -> dict[str, Stage]:
    """Every stage by its name."""
    found: dict[str, Stage] = {}
    for step in DockerfileParser(fileobj=BytesIO(DOCKERFILE.read_bytes())).structure:
        if step["instruction"] == "FROM":
            image, _, name = step["value"].partition(" AS ")
            found[name] = stage = Stage(image)
        elif step["instruction"] != "COMMENT":
            stage.steps.append((step["instruction"], step["value"]))
    return found


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps this path of our tree out of images: its last word counts."""
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


def build(directory: Path, stage: Stage) -> None:
    """Carry out a stage's COPY and RUN, all but the installation, in this directory."""
    for instruction, value in stage.steps:
        if instruction == "COPY":
            *sources, target = value.split()
            for source in sources:
                _copy(BASE / source, directory / target)
        elif instruction == "RUN" and "pip install" not in value:
            subprocess.run(
                ["/bin/sh", "-ec", value], cwd=directory, env=environment(stage), check=True
            )


def environment(stage: Stage) -> dict[str, str]:
    """That of the image, with the interpreter of the tests, and nothing of the tests' own."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return stage.environment | {"PATH": path}


def _copy(source: Path, target: Path) -> None:
    """As COPY does it: a directory's contents, a file into a directory that is there or named."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(*LEFT_OUT))
        return
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target / source.name)
