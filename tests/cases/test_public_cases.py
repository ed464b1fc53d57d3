"""The list of case files names, for each file of this folder, the test that reads it."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FILES: dict[str, str] = tomllib.loads((HERE / "public_cases.toml").read_text())["files"]


@pytest.mark.parametrize("file", FILES)
def test_a_case_file_is_read_by_the_test_that_is_listed(file: str) -> None:
    path, _, name = FILES[file].partition("::")
    module = ast.parse((ROOT / path).read_text())
    (test,) = [
        node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    assert Path(file).name in set(texts_of(test, module))


def texts_of(test: ast.FunctionDef, module: ast.Module) -> Iterator[object]:
    """Yields the constants of a test, of its cases, and of the module's constants that it uses."""
    used = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
    parts: list[ast.AST] = [test]
    for node in module.body:
        if isinstance(node, ast.Assign) and used & {ast.unparse(one) for one in node.targets}:
            parts.append(node)
    for part in parts:
        yield from (node.value for node in ast.walk(part) if isinstance(node, ast.Constant))


def test_every_case_file_is_listed() -> None:
    stored = {
        path.relative_to(HERE).as_posix()
        for folder in ("imports", "resumes")
        for path in (HERE / folder).iterdir()
    }
    assert len(stored) > 20
    assert stored == FILES.keys()
