"""Vendored libraries and schemas are unchanged since they were reviewed."""

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VENDORED = (ROOT / "project" / "static" / "vendor", ROOT / "deploy" / "kubernetes" / "schemas")
LIBRARIES = sorted(path for directory in VENDORED for path in directory.iterdir())


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda path: path.name)
def test_every_vendored_file_has_its_recorded_hash(library: Path) -> None:
    written = json.loads((library / "VERSION").read_text())["sha256"]
    files = [path for path in library.rglob("*") if path.is_file() and path.name != "VERSION"]
    found = {
        path.relative_to(library).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
    assert found == written


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda path: path.name)
def test_every_vendored_library_includes_its_licence(library: Path) -> None:
    assert "Copyright" in (library / "LICENSE").read_text()
