"""Imports point one way, between the apps and between the parts of an app.

Imports inside functions and under TYPE_CHECKING count too. `project` wires the apps together, and
no app imports it.
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

# The parts of an app (folders, and modules at its root), from the lowest layer to the highest. A
# part may import the layers below it, but neither its own layer nor those above. To hold another
# app to its layers, add a row that lists all of its parts.
LAYERS: dict[str, tuple[set[str], ...]] = {
    "interview": (
        {"models", "task_names"},
        {"rules", "templatetags"},
        {"notifications"},  # services notify in the transaction of the change
        {"live", "services", "texts"},
        {"candidate_portal", "demo", "views"},
        {"analytics", "audit_page", "bulk", "calendars", "simulation"},
        {"admin", "api", "management", "tasks", "urls"},
        {"hooks"},
        {"apps"},
    ),
    "realtime": (
        {
            "async_tasks",
            "after_commit",
            "circuit_breaker",
            "compiled_query",
            "database",
            "display_names",
            "gc_tuning",
            "lease",
            "redis_connection",
            "json_serializer",
            "sentinel_cache",
            "session_connection",
        },
        {"site_identity"},
        {"layer_servers"},
        {
            "protocol",
            "pubsub",
            "rate_limiter",
            "session_limits",
            "task_names",
            "tracking",
            "versioned_cache",
        },
        {"models"},
        {"log", "retention"},
        {"http", "hub", "relay"},
        {"background", "sockets"},
        {"consumers", "operations", "tasks"},
        {"metrics", "relay_process", "routing", "urls"},
        {"admin", "apps", "management"},
    ),
}

# Imports between the parts of jobs, which have no layers: pages of candidates start
# exports, and a task and the module that queues it import each other. No two files form a circle.
JOBS_IMPORTS = {
    "api": {"applications", "candidates", "coordinators", "models", "openings"},
    "applications": {"candidates", "models", "openings", "privacy", "signed_links", "uploads"},
    "candidates": {"applications", "coordinators", "exports", "models", "openings"},
    "coordinators": {"models"},
    "exports": {"api", "candidates", "coordinators", "merging", "models", "privacy", "tasks"},
    "imports": {
        "api",
        "candidates",
        "coordinators",
        "exports",
        "models",
        "privacy",
        "tasks",
        "uploads",
    },
    "languages": {"models"},
    "merging": {"candidates", "coordinators", "imports", "models"},
    # the columns of an import: its options and problems; the rules for names
    "models": {"candidates", "imports", "signed_links"},
    "openings": {"models"},
    "privacy": {"applications", "candidates", "coordinators", "imports", "merging", "models"},
    "tasks": {"applications", "exports", "imports", "models", "privacy", "task_names"},
}


def imported_modules(module: Path) -> Iterator[tuple[int, str]]:
    """The line and dotted name of each absolute import, as in (7, "realtime.log.topics")."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def modules_of(app: str) -> list[Path]:
    return [path for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]


def part_of(module: Path) -> str:
    """The part of an app that a module belongs to: `hub` for realtime/hub/presence.py."""
    return module.relative_to(ROOT).with_suffix("").parts[1]


def upward_imports(app: str, layers: tuple[set[str], ...]) -> Iterator[str]:
    """Every import of a part that is in the same layer as the importing part, or above it."""
    layer_of = {part: number for number, parts in enumerate(layers) for part in parts}
    for module in modules_of(app):
        part = part_of(module)
        for line, name in imported_modules(module):
            package, _, rest = name.partition(".")
            imported = rest.partition(".")[0]
            if package != app or imported in {part, ""} or part == "__init__":
                continue
            if layer_of[imported] >= layer_of[part]:
                yield f"{module.relative_to(ROOT)}:{line} imports {name}"


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_an_app_imports_no_app_above_it(app: str) -> None:
    modules = list((ROOT / app).rglob("*.py"))
    assert modules, "an app without modules proves nothing"
    wrong = [
        f"{module.relative_to(ROOT)}:{line} imports {name}"
        for module in modules
        for line, name in imported_modules(module)
        if name.partition(".")[0] in OURS - MAY_IMPORT[app]
    ]
    assert wrong == []


@pytest.mark.parametrize("app", LAYERS)
def test_a_part_of_an_app_imports_only_the_layers_below_it(app: str) -> None:
    assert list(upward_imports(app, LAYERS[app])) == []


@pytest.mark.parametrize("app", LAYERS)
def test_every_part_of_an_app_has_exactly_one_layer(app: str) -> None:
    listed = sorted(part for parts in LAYERS[app] for part in parts)
    assert listed == sorted({part_of(module) for module in modules_of(app)} - {"__init__"})


def test_an_upward_import_is_found() -> None:
    upside_down = tuple(reversed(LAYERS["realtime"]))
    found = " ".join(upward_imports("realtime", upside_down))
    assert "realtime/hub/hub.py" in found
    assert "imports realtime.log.reader" in found


def jobs_imports(part: str) -> set[str]:
    """The parts of jobs that the modules of this part import."""
    return {
        name.split(".")[1]
        for module in modules_of("jobs")
        if part_of(module) == part
        for _line, name in imported_modules(module)
        if name.startswith("jobs.") and name.split(".")[1] != part
    }


@pytest.mark.parametrize("part", JOBS_IMPORTS)
def test_a_part_of_jobs_imports_only_the_parts_it_lists(part: str) -> None:
    assert jobs_imports(part) == JOBS_IMPORTS[part]


def import_graph() -> dict[str, set[str]]:
    """The modules of the product that each module imports, by dotted names."""
    paths = [path for app in (*MAY_IMPORT, "project") for path in modules_of(app)]
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in paths}
    return {
        module: {
            imported
            for _line, name in imported_modules(path)
            for imported in (name, name.rpartition(".")[0])
            if imported in modules and imported != module
        }
        for module, path in modules.items()
    }


def circles(graph: dict[str, set[str]]) -> list[str]:
    """Returns the modules left once those that import none of the others are removed."""
    left = dict(graph)
    while free := [module for module, imported in left.items() if not imported & left.keys()]:
        for module in free:
            del left[module]
    return sorted(left)


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = import_graph()
    assert len(graph) > 400, "a graph without modules proves nothing"
    assert circles(graph) == []


def test_a_circle_is_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}
    assert circles(graph) == ["a", "b", "c"]
