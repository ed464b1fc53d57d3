"""The files that a JavaScript module imports, so that a browser asks for all at once.

Without the list it learns of an import only once it has read the importing file: seven rounds for
the board (HTML Standard, link type "modulepreload").
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders

IMPORT = re.compile(
    r"""(?:^|;)\s*(?:import|(?:import|export)\b[\w$*{},\s]*\bfrom)\s*["'](\.{1,2}/[^"']+)["']""",
    re.MULTILINE,
)


@cache
def modules_imported_by(name: str) -> tuple[str, ...]:
    """Returns the static files that this module imports, and those import, nearest first.

    Raises FileNotFoundError if one of them is missing. Imports are relative: "./views/list.js".
    """
    found = [name]
    for one in found:  # which grows
        folder = posixpath.dirname(one)
        for address in IMPORT.findall(_text_of(one)):
            imported = posixpath.normpath(posixpath.join(folder, address))
            if imported not in found:
                found.append(imported)
    return tuple(found[1:])


def _text_of(name: str) -> str:
    path = finders.find(name)
    if path is None:
        raise FileNotFoundError(f"There is no static file {name}")
    return Path(path).read_text()
