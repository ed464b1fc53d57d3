"""The release and build of this code."""

from __future__ import annotations

from pathlib import Path

from project.release import build_name


def test_the_build_of_an_image_is_what_its_file_says(tmp_path: Path) -> None:
    assert build_name(tmp_path) == "dev", "no image"
    (tmp_path / "BUILD").write_text("v1.2.0-3-gabc1234\n")
    assert build_name(tmp_path) == "v1.2.0-3-gabc1234"


def test_the_image_has_the_file_of_its_build() -> None:
    dockerfile = Path(__file__).parents[3] / "deploy" / "Dockerfile"
    assert ' && echo "$VERSION" > BUILD\n' in dockerfile.read_text()
