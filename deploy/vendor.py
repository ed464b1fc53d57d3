"""Copies browser libraries from the npm registry into project/static/vendor.

Run `python deploy/vendor.py` after changing PACKAGES; it needs npm. The files are checked in with
their SHA-256, so that builds and starts need no network; tests/deploy verifies the hashes.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "project" / "static" / "vendor"
# collectstatic follows this comment, and would fail because the map file does not exist.
SOURCE_MAP = re.compile(rb"\n?//# sourceMappingURL=\S+\s*$")


@dataclass(frozen=True, slots=True)
class Package:
    """An npm package, and those of its files that pages import."""

    name: str
    version: str
    files: tuple[str, ...]


# Without directives/style-map.js, whose style attributes the Content-Security-Policy refuses;
# pages use project/style-map.js instead.
PACKAGES = (
    Package(
        "lit-html",
        "3.3.3",
        (
            "lit-html.js",
            "directive.js",
            "directive-helpers.js",
            "directives/class-map.js",
            "directives/if-defined.js",
            "directives/live.js",
            "directives/ref.js",
            "directives/repeat.js",
            "directives/when.js",
            "async-directive.js",
        ),
    ),
)


def vendor(package: Package) -> None:
    """Download a package and write its files, its licence and a VERSION file."""
    with tempfile.TemporaryDirectory() as name:
        source = download(package, Path(name))
        target = VENDOR / package.name
        for file in package.files:
            copy(source / file, target / file)
        copy(source / "LICENSE", target / "LICENSE")
        write_version(package, target)


def download(package: Package, directory: Path) -> Path:
    """Download the package into the directory and return the path of its content."""
    command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
    subprocess.run(command, cwd=directory, check=True, stdout=subprocess.DEVNULL)
    (archive,) = directory.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(directory, filter="data")
    return directory / "package"


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(SOURCE_MAP.sub(b"\n", source.read_bytes()))


def write_version(package: Package, target: Path) -> None:
    """Write the VERSION file: package, version, and the SHA-256 of each copied file."""
    files = {file: sha256(target / file) for file in (*package.files, "LICENSE")}
    version = {"package": package.name, "version": package.version, "sha256": files}
    (target / "VERSION").write_text(json.dumps(version, indent=2) + "\n")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    for package in PACKAGES:
        vendor(package)
