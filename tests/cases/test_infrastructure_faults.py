"""The list of staged faults names tests that exist, each fault once."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

LIST = Path(__file__).with_name("infrastructure_faults.toml")
ROOT = LIST.parents[2]
FAULTS: list[dict[str, str]] = tomllib.loads(LIST.read_text())["faults"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["test"].partition("::")[2])
def test_a_fault_names_the_test_that_stages_it(fault: dict[str, str]) -> None:
    assert fault.keys() == {"fault", "expected", "test"}
    file, _, rest = fault["test"].partition("::")
    name, _, case = rest.removesuffix("]").partition("[")
    source = (ROOT / file).read_text()
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    assert name in {node.name for node in ast.parse(source).body if isinstance(node, functions)}
    assert f'"{case}"' in source or not case, f"{case} is no case of {name}"


def test_each_fault_is_listed_once() -> None:
    staged = [fault["test"] for fault in FAULTS]
    assert len(staged) == len(set(staged)) > 25
