"""The list of files that a module imports."""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from project.web.script_modules import modules_imported_by

FILES = {
    "page/page.js": 'import { a,\n  b as c } from "./parts/part.js";\nimport "../lib/effect.js";\n',
    "page/parts/part.js": 'export { d } from "../../lib/min.js";\nconst e = q(".from"); \n',
    "lib/effect.js": 'const text = "import x from no.js";\nexport const f = () => q(".toast");\n',
    "lib/min.js": 'import{a as t}from"./deep.js";export{t};import"./page-again.js";',
    "lib/deep.js": "",
    "lib/page-again.js": 'import * as page from "../page/page.js";\nawait import("./later.js");\n',
}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = {name: str(tmp_path / name) for name in FILES}
    monkeypatch.setattr(finders, "find", found.get)
    modules_imported_by.cache_clear()


def test_every_import_is_listed_once_the_nearest_first(files: None) -> None:
    assert modules_imported_by("page/page.js") == (
        "page/parts/part.js",
        "lib/effect.js",
        "lib/min.js",
        "lib/deep.js",
        "lib/page-again.js",
    )


def test_a_missing_file_is_named(files: None) -> None:
    with pytest.raises(FileNotFoundError, match=r"absent\.js"):
        modules_imported_by("absent.js")
