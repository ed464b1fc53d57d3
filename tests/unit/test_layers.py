"""Imports point one way: interview → jobs → realtime → monitoring; `project` wires, nothing
points back.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAY_IMPORT = {
    "interview": {"interview", "jobs", "realtime", "monitoring"},
    "jobs": {"jobs", "realtime", "monitoring"},
    "realtime": {"realtime", "monitoring"},
    "monitoring": {"monitoring"},
}
OURS = {*MAY_IMPORT, "project"}


def imported_packages(module: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module.partition(".")[0]


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_an_app_imports_nothing_that_stands_above_it(app: str) -> None:
    modules = list((ROOT / app).rglob("*.py"))
    assert modules, "an app without modules proves nothing"
    wrong = [
        f"{module.relative_to(ROOT)}:{line} imports {package}"
        for module in modules
        for line, package in imported_packages(module)
        if package in OURS - MAY_IMPORT[app]
    ]
    assert wrong == []
