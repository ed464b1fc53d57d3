"""Bundles: one file for each script that a page loads, and one for what several of them share."""

from pathlib import Path

import pytest

from project.web.script_bundles import BundlingFailed, bundle, entry_scripts
from tests.support.external.programs import installed

FILES = {
    "app/board.js": 'import { notes } from "../live/store.js";\nnotes.push("board");\n',
    "app/tray.js": 'import { notes } from "../live/store.js";\nnotes.push("tray");\n',
    "app/alone.js": 'import { text } from "./text.js";\nconsole.log(text);\n',
    "app/text.js": 'export const text = "只有一个";\n',
    "live/store.js": "export const notes = [];\n",
}
ENTRIES = ["app/alone.js", "app/board.js", "app/tray.js"]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "sources" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "target").mkdir()
    return tmp_path / "sources"


def test_what_two_pages_share_is_one_file_so_that_both_have_the_same_state(sources: Path) -> None:
    target = sources.parent / "target"
    imports = bundle(installed("esbuild"), sources, target, ENTRIES)
    assert imports["app/alone.js"] == []
    (shared,) = imports["app/board.js"]
    assert imports["app/tray.js"] == [shared]
    assert {path.relative_to(target).as_posix() for path in target.rglob("*.*")} == {
        *ENTRIES,
        shared,
    }
    assert "只有一个" in (target / "app/alone.js").read_text()


def test_a_script_with_an_error_is_refused_by_file_and_line(sources: Path) -> None:
    (sources / "app/text.js").write_text("export const text = ;\n")
    with pytest.raises(BundlingFailed, match=r"sources/app/text\.js:1:20"):
        bundle(installed("esbuild"), sources, sources.parent / "target", ENTRIES)


def test_an_import_of_a_missing_script_is_refused(sources: Path) -> None:
    (sources / "app/text.js").unlink()
    with pytest.raises(BundlingFailed, match=r'Could not resolve "./text\.js"'):
        bundle(installed("esbuild"), sources, sources.parent / "target", ENTRIES)


def test_a_missing_bundler_is_named_by_its_setting(sources: Path) -> None:
    with pytest.raises(BundlingFailed, match=r"SCRIPT_BUNDLER cannot be run: .*no-such-program"):
        bundle("no-such-program", sources, sources.parent / "target", ENTRIES)


def test_the_scripts_of_pages_are_found_in_the_templates_of_all_apps() -> None:
    found = entry_scripts()
    assert {"interview/board/board.js", "realtime/task-tray.js", "jobs/apply.js"} <= set(found)
    assert len(found) == len(set(found))
