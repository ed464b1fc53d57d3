"""Storage of static files for production: hashed names, so that browsers can cache them for ever,
and one file for each style sheet, so that a page does not wait for thirty. Scripts are bundled, if
SCRIPT_BUNDLER is set.
"""

import json
import posixpath
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

from project.web import script_bundles

IMPORT = re.compile(r"""^@import\s+url\("([^":]+)"\)(?:\s+layer\(([\w.-]+)\))?\s*;""", re.MULTILINE)
RELATIVE_URL = re.compile(r"""url\("?(?!data:|[a-z]+:|/|#)([^")]+)"?\)""")


def inlined_stylesheet(name: str, read: Callable[[str], str]) -> str:
    """Returns the text of the style sheet `name` with the files it imports in their places.

    An import in a layer becomes a block of that layer, with the same order and specificity; see
    CSS Cascading and Inheritance Level 5, "Layering via @import". Addresses in the imported files
    are rewritten to be relative to `name`. Imports with media or supports conditions stay.
    """
    folder = posixpath.dirname(name)

    def block(found: re.Match[str]) -> str:
        address, layer = found.groups()
        imported = posixpath.normpath(posixpath.join(folder, address))
        text = _rebased(inlined_stylesheet(imported, read), posixpath.dirname(imported), folder)
        return f"@layer {layer} {{\n{text}}}" if layer else text

    return IMPORT.sub(block, read(name))


def _rebased(text: str, old: str, new: str) -> str:
    def address(found: re.Match[str]) -> str:
        return f'url("{posixpath.relpath(posixpath.join(old, found[1]), new or ".")}")'

    return RELATIVE_URL.sub(address, text)


class ProductionStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Also rewrites the imports of JavaScript modules. An import must end with a semicolon."""

    support_js_module_import_aggregation = True
    max_post_process_passes = 20  # one per level of imports; Django's default is 5

    @cached_property
    def bundles(self) -> script_bundles.Imports:
        """The files that each bundled script imports, by its name; empty without bundles."""
        if not self.exists(script_bundles.LIST):
            return {}
        with self.open(script_bundles.LIST) as file:
            return json.load(file)  # type: ignore[no-any-return]

    def post_process(
        self, paths: dict[str, Any], *, dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        """Yields (name, hashed name, changed) of each file, as Django's. Inlines and bundles first.

        Raises BundlingFailed.
        """
        if not dry_run:
            self._inline_stylesheets(paths)
            self.delete(script_bundles.LIST)
            if settings.ENVIRONMENT.script_bundler:
                self._bundle_scripts(paths, settings.ENVIRONMENT.script_bundler)
        yield from super().post_process(paths, dry_run, **options)

    def _inline_stylesheets(self, paths: dict[str, Any]) -> None:
        """Replaces each style sheet that imports others, here and in `paths`."""

        def read(name: str) -> str:
            return _read(name, paths).decode()

        stylesheets = {name: read(name) for name in paths if name.endswith(".css")}
        for name in (name for name, text in stylesheets.items() if IMPORT.search(text)):
            self._replace(name, inlined_stylesheet(name, read).encode(), paths)

    def _bundle_scripts(self, paths: dict[str, Any], bundler: str) -> None:
        """Replaces the scripts of pages by their bundles, and adds what these share."""
        with TemporaryDirectory() as sources, TemporaryDirectory() as target:
            for name in (name for name in paths if name.endswith(".js")):
                source = Path(sources, name)
                source.parent.mkdir(parents=True, exist_ok=True)
                source.write_bytes(_read(name, paths))
            entries = script_bundles.entry_scripts()
            imports = script_bundles.bundle(bundler, Path(sources), Path(target), entries)
            for written in Path(target).rglob("*.js"):
                name = written.relative_to(target).as_posix()
                self._replace(name, written.read_bytes(), paths)
        self._save(script_bundles.LIST, ContentFile(json.dumps(imports).encode()))

    def _replace(self, name: str, content: bytes, paths: dict[str, Any]) -> None:
        """Writes a file, here and in `paths`."""
        self.delete(name)
        paths[name] = (self, self._save(name, ContentFile(content)))


def _read(name: str, paths: dict[str, Any]) -> bytes:
    storage, path = paths[name]
    with storage.open(path) as file:
        return bytes(file.read())
