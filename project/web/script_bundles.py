"""Bundles of scripts: one file for each page, and one for each part that several pages share.

A browser asks for ten files instead of seventy. Scripts that a page loads beside each other keep
their common state, because a part that they share is never copied (esbuild, "Splitting").
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.template.utils import get_app_template_dirs

ENTRY = re.compile(r"""\{%\s*script_module\s+['"]([^'"]+)['"]\s*%\}""")
LIST = "script_bundles.json"
"""File in STATIC_ROOT: the names of the other files that each page's script imports."""
BUNDLE = (
    "--bundle",
    "--splitting",
    "--format=esm",
    "--target=es2022",
    "--minify",
    "--charset=utf8",
    "--chunk-names=shared/[name]-[hash]",
    "--log-level=warning",
)

Imports = dict[str, list[str]]


class BundlingFailed(CommandError):
    """A script has an error, or the bundler cannot be run. Ends `collectstatic` with a sentence."""


def entry_scripts() -> list[str]:
    """The scripts that templates load with `script_module`."""
    directories = get_app_template_dirs("templates")
    templates = (path for directory in directories for path in directory.rglob("*.html"))
    return sorted({name for path in templates for name in ENTRY.findall(path.read_text("utf-8"))})


def bundle(bundler: str, sources: Path, target: Path, entries: Collection[str]) -> Imports:
    """Writes the bundles into `target`. Returns the files that each entry imports, by its name.

    bundler: the path of esbuild. Raises BundlingFailed.
    """
    facts = target / "facts.json"
    places = (f"--outbase={sources}", f"--outdir={target}", f"--metafile={facts}")
    command = [bundler, *(str(sources / name) for name in entries), *BUNDLE, *places]
    try:
        subprocess.run(command, cwd=target, capture_output=True, text=True, check=True)
    except OSError as error:
        raise BundlingFailed(f"SCRIPT_BUNDLER cannot be run: {error}") from error
    except subprocess.CalledProcessError as error:
        raise BundlingFailed(error.stderr) from error
    written = json.loads(facts.read_text("utf-8"))["outputs"]
    facts.unlink()
    imports = {name: _imports_of(output) for name, output in written.items()}
    return {entry: _all_imports(entry, imports) for entry in entries}


def _imports_of(output: Mapping[str, Any]) -> list[str]:
    """The files that an output needs before it runs."""
    return [one["path"] for one in output["imports"] if one["kind"] == "import-statement"]


def _all_imports(name: str, imports: Imports) -> list[str]:
    """Returns what a file imports, and those import, nearest first."""
    found = [name]
    for one in found:  # which grows
        found += [imported for imported in imports[one] if imported not in found]
    return found[1:]
