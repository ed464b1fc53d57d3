"""Every command in a document is run by a test."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "deploy" / "docs").glob("*.md"))]
PROGRAMS = "make|python|python3|manage|celery|docker|kubectl|nginx|promtool|prometheus|amtool|curl"
COMMAND = re.compile(rf"(?:\S*/)?(?:{PROGRAMS})(?:[\w.-]*)?(?: .*)?")
NO_COMMAND = re.compile(r"=|\.ya?ml$|\.conf$|\.py$")
BLOCK = re.compile(r"```\w*\n(.*?)```", re.DOTALL)
INLINE = re.compile(r"`([^`]+)`")

# The beginning of a command, the file of the test that runs it, and words that the file contains.
RUN_BY = {
    "make run": ("acceptance/test_run_command.py", "The board is at"),
    "make demo": ("acceptance/test_run_command.py", 'start("demo")'),
    "make audit": ("deploy/test_pipeline.py", 'make("audit"'),
    "make scan": ("deploy/test_pipeline.py", 'make("scan"'),
    "make sign": ("deploy/test_pipeline.py", 'make("sign"'),
    "make verify": ("deploy/test_pipeline.py", 'make("verify"'),
    "make sbom": ("deploy/test_pipeline.py", 'make("sbom")'),
    "make image": ("deploy/test_pipeline.py", 'make("image"'),
    "make staging": ("deploy/test_pipeline.py", '"staging"'),
    "make promote": ("deploy/test_pipeline.py", '"promote"'),
    "make record": ("deploy/test_pipeline.py", '"record"'),
    "make undo": ("deploy/test_pipeline.py", '"undo"'),
    "make rollback": ("deploy/test_pipeline.py", '"rollback"'),
    "python3 -m deploy.release": ("deploy/test_release.py", '"-m", "deploy.release"'),
    "make smoke": ("deploy/test_smoke.py", "smoke.failures(site.url)"),
    "manage.py start": ("acceptance/test_releases.py", '"manage.py", "start", name'),
    "manage.py run": ("acceptance/test_run_command.py", '"run"'),
    "manage.py web": ("support/product/processes.py", '"web", "--port"'),
    "manage.py relay": ("support/product/processes.py", '"relay"]'),
    "manage.py migrate": ("acceptance/test_faults_kills.py", '"migrate"'),
    "manage.py doctor": ("support/product/doctor.py", '"doctor"'),
    "manage.py backup": ("acceptance/test_backups.py", '"backup"'),
    "manage.py restore": ("acceptance/test_backups.py", '"restore"'),
    "manage.py check --deploy": ("unit/project/test_deploy_check.py", '"--deploy"'),
    "manage.py sync_schedule": ("integration/realtime/test_schedule_sync.py", "sync_schedule"),
    "manage.py import_candidates": ("integration/jobs/test_import_command.py", "import_candidates"),
    "manage.py send_test_message --email": (
        "integration/interview/notifications/test_history.py",
        "send_test_message",
    ),
    "manage.py send_test_message --robot": (
        "integration/interview/notifications/test_dingtalk_test_message.py",
        "send_test_message",
    ),
    "manage.py send_test_alert --alertmanager": ("deploy/test_alertmanager.py", "alertmanager="),
    "manage.py send_test_alert": (
        "integration/monitoring/test_alert_destinations.py",
        "send_test_alert",
    ),
    "celery -A project worker -Q": ("support/product/processes.py", '"--queues"'),
    "celery --app project worker --queues": ("support/product/processes.py", '"--queues"'),
    "celery -A project beat": ("support/product/processes.py", '"beat"'),
    "python -m deploy.docs.configuration": ("deploy/test_documents.py", "configuration.document"),
    "python -m deploy.grafana.build": ("deploy/test_dashboards.py", "build"),
    "python -m deploy.kubernetes.build": (
        "deploy/test_kubernetes_monitoring.py",
        "build.files",
    ),
    "python -m deploy.smoke": ("deploy/test_smoke.py", "smoke"),
    "prometheus --config.file": ("game_day/scene.py", "--config.file"),
    "prometheus-alertmanager": ("support/external/alertmanager.py", '"prometheus-alertmanager"'),
    "prometheus": ("game_day/scene.py", '"prometheus",'),
    "amtool": ("deploy/test_alerts.py", '"amtool"'),
    "promtool": ("deploy/test_alerts.py", '"promtool"'),
    "curl …/metrics/site": ("acceptance/test_doctor.py", "/metrics/site"),
}
# These run the tests themselves, or take minutes; CI or people run them.
ITSELF = tuple(f"make {name}" for name in ("test", "check", "fmt", "messages", "lock", "bench"))
# Test machines have no container engine or cluster: tests/deploy checks the input of these commands
# against its schema, and the test here that it exists.
ELSEWHERE = ("docker ", "kubectl")
LONG = ("tests.load", "tests.game_day")


def documented_commands() -> Iterator[tuple[str, str]]:
    """Yields each document's commands, without a path or interpreter before the program."""
    for path in DOCUMENTS:
        text = path.read_text()
        blocks = [line.strip() for block in BLOCK.findall(text) for line in block.splitlines()]
        inline = [" ".join(words.split()) for words in INLINE.findall(BLOCK.sub("", text))]
        for command in (*blocks, *inline):
            if COMMAND.fullmatch(command) and not NO_COMMAND.search(command.split()[0]):
                yield path.name, re.sub(r"^(\S*/)?(python3? (?=manage))?", "", command)


COMMANDS = sorted(set(documented_commands()))


def test_the_documents_contain_commands() -> None:
    assert len(COMMANDS) > 30


@pytest.mark.parametrize(("document", "command"), COMMANDS)
def test_a_documented_command_is_run_by_a_test(document: str, command: str) -> None:
    if command.startswith(ITSELF) or any(name in command for name in LONG):
        return
    if command.startswith(ELSEWHERE):
        paths = [word for word in command.split() if word.startswith("deploy/")]
        assert [path for path in paths if not (ROOT / path).exists()] == []
        return
    beginnings = [beginning for beginning in RUN_BY if command.startswith(beginning)]
    assert beginnings, f"{document} has `{command}`, which no test runs"
    path, words = RUN_BY[beginnings[0]]
    assert words in (ROOT / "tests" / path).read_text()


@pytest.mark.parametrize("module", LONG)
def test_a_command_that_takes_long_starts(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, "--help"],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "--only" in done.stdout
