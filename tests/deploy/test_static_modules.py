"""Pages may keep static files for ever, because a file's name changes with what is in it.

That holds only if modules import each other by such names. Django rewrites an import only when a
semicolon follows it, and says nothing about one that it leaves alone.
"""

import json
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

OURS = ("project/", "realtime/", "jobs/", "interview/", "vendor/")
IMPORTED = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']""")
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static files as a production server has them."""
    root = tmp_path_factory.mktemp("static")
    storage = {"BACKEND": "project.web.static_storage.HashedModuleStorage"}
    with override_settings(STATIC_ROOT=root, STORAGES={"staticfiles": storage}):
        call_command("collectstatic", interactive=False, verbosity=0)
    return root


@pytest.fixture(scope="module")
def imports() -> dict[str, list[str]]:
    """What each of our modules imports, as they are in the source."""
    found = {}
    for static in Path(settings.BASE_DIR).glob("*/static"):
        for path in static.rglob("*.js"):
            targets = IMPORTED.findall(path.read_text("utf-8"))
            name = path.relative_to(static).as_posix()
            found[name] = [posixpath.normpath(posixpath.join(name, "..", to)) for to in targets]
    return found


def circle(name: str, imports: dict[str, list[str]], path: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The way back to a module from itself, empty if there is none."""
    if name in path:
        return (*path[path.index(name) :], name)
    ways = (circle(target, imports, (*path, name)) for target in imports.get(name, []))
    return next(filter(None, ways), ())


def test_modules_do_not_import_each_other_in_a_circle(imports: dict[str, list[str]]) -> None:
    """Each would wait for the other's name, and `collectstatic` would give up without saying so."""
    for name in imports:
        assert not circle(name, imports)


def test_every_imported_module_is_there(imports: dict[str, list[str]]) -> None:
    for name, targets in imports.items():
        assert set(targets) <= imports.keys(), f"{name} imports what does not exist"


def modules(root: Path) -> Iterator[Path]:
    """Our own scripts and the vendored ones, in the copies that pages load."""
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


def test_live_imports_its_parts_at_all(collected: Path) -> None:
    """The premise of the test above: the expression does find the imports."""
    (live,) = [
        path
        for path in modules(collected)
        if path.name.startswith("live.") and path.parent.name == "realtime"
    ]
    assert len(IMPORTED.findall(live.read_text("utf-8"))) >= 3


def test_no_module_asks_for_a_file_of_another_site(collected: Path) -> None:
    for module in modules(collected):
        for target in IMPORTED.findall(module.read_text("utf-8")):
            assert target.startswith("."), f"{module.name} imports {target}"
