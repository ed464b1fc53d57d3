"""Static files may be cached for ever, because a file's name contains the hash of its content.

That works only if modules import each other by their hashed names. Django rewrites an import only
if a semicolon follows it, and leaves others unchanged without a message.
"""

import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django.fixtures import Settings

from project.web.script_bundles import BundlingFailed, entry_scripts
from tests.support.external.programs import installed
from tests.support.product.static_files import collect

OURS = ("project/", "realtime/", "jobs/", "interview/", "vendor/", "shared/")
IMPORTED = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']""")
MOST_FILES = 13
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


@pytest.fixture(scope="module")
def imports() -> dict[str, list[str]]:
    """Returns the imports of each of our modules, as in the source."""
    found = {}
    for static in Path(settings.BASE_DIR).glob("*/static"):
        for path in static.rglob("*.js"):
            targets = IMPORTED.findall(path.read_text("utf-8"))
            name = path.relative_to(static).as_posix()
            found[name] = [posixpath.normpath(posixpath.join(name, "..", to)) for to in targets]
    return found


def circle(name: str, imports: dict[str, list[str]], path: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Returns an import cycle that includes this module, or () if there is none."""
    if name in path:
        return (*path[path.index(name) :], name)
    ways = (circle(target, imports, (*path, name)) for target in imports.get(name, []))
    return next(filter(None, ways), ())


def test_modules_have_no_import_cycle(imports: dict[str, list[str]]) -> None:
    """In a cycle each needs the other's hash, and `collectstatic` gives up without a message."""
    for name in imports:
        assert not circle(name, imports)


def test_every_imported_module_exists(imports: dict[str, list[str]]) -> None:
    for name, targets in imports.items():
        assert set(targets) <= imports.keys(), f"{name} imports what does not exist"


def modules(root: Path) -> Iterator[Path]:
    """Yields our own and the vendored modules, in the copies that pages load."""
    manifest = json.loads((root / "staticfiles.json").read_text())
    for name, hashed in manifest["paths"].items():
        if name.endswith(".js") and name.startswith(OURS):
            yield root / hashed


def test_no_hashed_module_imports_an_unhashed_one(collected: Path) -> None:
    found = list(modules(collected))
    assert len(found) > 10, "too few modules: this test proves nothing"
    for module in found:
        for target in IMPORTED.findall(module.read_text("utf-8")):
            assert HASHED.search(target), f"{module.name} imports {target}: no semicolon after it?"
            assert (module.parent / target).is_file(), f"{module.name} imports {target}"


def test_the_expression_finds_the_imports_of_live(collected: Path) -> None:
    """The premise of the test above."""
    (live,) = [
        path
        for path in modules(collected)
        if path.name.startswith("live.") and path.parent.name == "realtime"
    ]
    assert len(IMPORTED.findall(live.read_text("utf-8"))) >= 3


def test_a_page_asks_for_few_scripts(collected: Path) -> None:
    """The scripts of all pages, the page's own and what these import, each once."""
    installed("esbuild")
    bundles = json.loads((collected / "script_bundles.json").read_text())
    assert bundles.keys() == set(entry_scripts())

    def files(*entries: str) -> set[str]:
        return set(entries) | {one for entry in entries for one in bundles[entry]}

    assert len(files("project/shell.js", "interview/board/board.js")) <= MOST_FILES
    tray = ("project/shell.js", "realtime/task-tray.js")  # the board has a tray of its own
    assert len(files(*tray, "interview/me/me.js")) <= MOST_FILES


def test_static_files_can_be_collected_without_bundles_after_a_time_with_them(
    tmp_path: Path,
) -> None:
    """And get the names and contents of a directory that never had bundles."""
    collect(tmp_path / "both", bundler=installed("esbuild"))
    for root in ("both", "never"):
        collect(tmp_path / root, bundler="")
    names = {root: _names(tmp_path / root) for root in ("both", "never")}
    assert names["both"] == names["never"]
    assert not (tmp_path / "both/script_bundles.json").exists()


def _names(root: Path) -> dict[str, str]:
    names: dict[str, str] = json.loads((root / "staticfiles.json").read_text())["paths"]
    return names


def test_a_script_with_an_error_ends_collecting_with_its_place(
    tmp_path: Path, settings: Settings
) -> None:
    broken = tmp_path / "more/interview/schedule.js"
    broken.parent.mkdir(parents=True)
    broken.write_text("const = 1;")
    settings.STATICFILES_DIRS = [tmp_path / "more"]
    with pytest.raises(BundlingFailed, match=r"interview/schedule\.js:1:6"):
        collect(tmp_path / "static", bundler=installed("esbuild"))


def test_no_module_imports_from_another_site(collected: Path) -> None:
    for module in modules(collected):
        for target in IMPORTED.findall(module.read_text("utf-8")):
            assert target.startswith("."), f"{module.name} imports {target}"


def test_no_style_sheet_of_ours_imports_another(collected: Path) -> None:
    """A browser would ask for each import, and only after it has the importing file."""
    manifest = json.loads((collected / "staticfiles.json").read_text())["paths"]
    ours = [name for name in manifest if name.endswith(".css") and name.startswith(OURS)]
    assert {"project/site.css", "interview/board/board.css"} <= set(ours)
    for name in ours:
        assert "@import" not in (collected / manifest[name]).read_text("utf-8"), name
