"""The list of staged faults names every test that stages one, each fault once."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

LIST = Path(__file__).with_name("infrastructure_faults.toml")
ROOT = LIST.parents[2]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
FAULTS: list[dict[str, str]] = tomllib.loads(LIST.read_text())["faults"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["test"].partition("::")[2])
def test_a_fault_names_the_test_that_stages_it(fault: dict[str, str]) -> None:
    assert fault.keys() == {"fault", "expected", "test"}
    file, _, rest = fault["test"].partition("::")
    name, _, case = rest.removesuffix("]").partition("[")
    source = (ROOT / file).read_text()
    assert name in set(names_of_tests(ROOT / file))
    assert f'"{case}"' in source or not case, f"{case} is no case of {name}"


def test_each_fault_is_listed_once() -> None:
    staged = [fault["test"] for fault in FAULTS]
    assert len(staged) == len(set(staged))


def test_every_test_of_a_staged_fault_is_in_the_list() -> None:
    listed = {fault["test"].partition("[")[0] for fault in FAULTS}
    files = sorted((ROOT / "tests" / "acceptance").glob("test_faults_*.py"))
    staged = {
        f"{path.relative_to(ROOT)}::{name}" for path in files for name in names_of_tests(path)
    }
    assert len(staged) > 25
    assert staged - listed == set()


def names_of_tests(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, FUNCTIONS) and node.name.startswith("test_"):
            yield node.name
