"""What people read is so: documents name what is there, and are written from it where possible."""

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
OF_OTHERS = {  # settings that are not ours, and ours that only Django reads
    "REMAP_SIGTERM", "PROMETHEUS_URL", "WORKER_MAX_MEMORY_PER_CHILD", "PROMETHEUS_MULTIPROC_DIR",
    "NAME_FILE",
}  # fmt: skip


def test_the_document_of_the_schedule_names_each_entry() -> None:
    text = (DOCS / "schedule.md").read_text()
    told = re.findall(r"^\| `([\w-]+)` \|", text, re.MULTILINE)
    assert sorted(told) == sorted(entry.name for entry in declared_entries())


def test_the_list_of_settings_is_what_the_code_reads() -> None:
    told = (DOCS / "configuration.md").read_text()
    assert told == configuration.document(), "run: python -m deploy.docs.configuration"
    for name in Environment.model_fields:
        assert told.count(f"| `{name.upper()}` |") == 1


def test_each_package_we_chose_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    chosen = [re.split(r"[^\w.-]", line)[0] for line in project["dependencies"]]
    text = (DOCS / "dependencies.md").read_text()
    told = re.findall(r"^\| ([\w.-]+) \|", text, re.MULTILINE)[1:]
    assert sorted(told) == sorted(chosen)


def test_every_document_is_in_the_list_of_documents() -> None:
    listed = set(LINK.findall((DOCS / "README.md").read_text()))
    assert {path.name for path in DOCS.glob("*.md")} - {"README.md"} <= listed


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_leads_to_what_is_there(path: Path) -> None:
    text = path.read_text()
    missing = [link for link in LINK.findall(text) if not (path.parent / link).exists()]
    missing += [name for name in FILE.findall(text) if not (ROOT / name).exists()]
    assert missing == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_speaks_of_settings_that_are_read(path: Path) -> None:
    known = {name.upper() for name in Environment.model_fields} | OF_OTHERS
    told = {name.removesuffix("_FILE") for name in SETTING.findall(path.read_text())} - {"NAME"}
    assert told - known - {"NAME", "DINGTALK_ROBOTS"} == set()
