"""The documents match the code: they name things that exist, and parts are generated from it."""

import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

from deploy.docs import configuration
from project.environment.reader import Environment
from realtime.background.periodic.entries import declared_entries

ROOT = Path(settings.BASE_DIR)
DOCS = ROOT / "deploy" / "docs"
DOCUMENTS = [*sorted(DOCS.glob("*.md")), *sorted(ROOT.glob("*.md"))]
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")
FILE = re.compile(r"`((?:interview|jobs|realtime|monitoring|project|deploy|tests)/[\w./-]+\.\w+)`")
SETTING = re.compile(r"`([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+)(?:=\S*)?`")
NOT_OURS = {  # settings of others, and ours that only Django reads
    "REMAP_SIGTERM", "PROMETHEUS_URL", "WORKER_MAX_MEMORY_PER_CHILD", "PROMETHEUS_MULTIPROC_DIR",
    "NAME_FILE",
}  # fmt: skip


def test_the_schedule_document_names_every_entry() -> None:
    text = (DOCS / "schedule.md").read_text()
    named = re.findall(r"^\| `([\w-]+)` \|", text, re.MULTILINE)
    assert sorted(named) == sorted(entry.name for entry in declared_entries())


def test_the_settings_document_is_generated_from_the_code() -> None:
    text = (DOCS / "configuration.md").read_text()
    assert text == configuration.document(), "run: python -m deploy.docs.configuration"
    described, _ports = text.split("## Connections")
    for name in Environment.model_fields:
        assert described.count(f"| `{name.upper()}` |") == 1


def test_every_setting_that_names_a_server_declares_its_ports() -> None:
    """Addresses that the site itself serves, or that it only shows, need none."""
    declared = configuration.connections()
    for name, field in Environment.model_fields.items():
        if re.search(r"_(url|host|dsn|origin)$|^clamd$", name):
            is_shown = re.search(
                r"\blink(s|ed)?\b|can be read|serve their|Alertmanager calls",
                field.description or "",
            )
            assert (name in declared) != bool(is_shown), name


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = project["dependencies"] + project["optional-dependencies"]["embedded"]
    chosen = [re.split(r"[^\w.-]", line)[0] for line in lines]
    text, _private_parts = (DOCS / "dependencies.md").read_text().split("## Private parts")
    explained = re.findall(r"^\| ([\w.-]+) \|", text, re.MULTILINE)[1:]
    assert sorted(explained) == sorted(chosen)


def test_every_document_is_listed_in_the_index() -> None:
    listed = set(LINK.findall((DOCS / "README.md").read_text()))
    assert {path.name for path in DOCS.glob("*.md")} - {"README.md"} <= listed


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_links_to_files_that_exist(path: Path) -> None:
    text = path.read_text()
    missing = [link for link in LINK.findall(text) if not (path.parent / link).exists()]
    missing += [name for name in FILE.findall(text) if not (ROOT / name).exists()]
    assert missing == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_names_settings_that_exist(path: Path) -> None:
    known = {name.upper() for name in Environment.model_fields} | NOT_OURS
    named = {name.removesuffix("_FILE") for name in SETTING.findall(path.read_text())} - {"NAME"}
    assert named - known - {"NAME", "DINGTALK_ROBOTS"} == set()
