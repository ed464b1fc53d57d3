"""Deployments, their record, and the way back, with a kubectl and a docker that keep notes."""

from __future__ import annotations

import json
import os
import re
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.xdist_group("build")  # all write build/production

KUBECTL = """
import json, os, pathlib, re, sys
notes = pathlib.Path(os.environ["NOTES"])
arguments = sys.argv[1:]
assert arguments[:4] == ["--context", "production", "--namespace", "recruit-live"], arguments
verb, *rest = arguments[4:]
given = sys.stdin.read() if "-" in rest else ""
is_record = given.startswith("{")
with (notes / "calls").open("a") as calls:
    calls.write(" ".join(["record"] if is_record else [verb, *rest]) + "\\n")
if verb == (notes / "failing").read_text():
    sys.exit(1)
if verb == "kustomize":
    text = (pathlib.Path(rest[0]) / "kustomization.yaml").read_text()
    image = re.search(r"newName: (\\S+), digest: (\\S+)}", text)
    label = "app.kubernetes.io/part-of"
    for kind, name in json.loads((notes / "objects").read_text()):
        part = "recruit-live-monitoring" if "exporter" in name else "recruit-live"
        print(f"kind: {kind}\\nmetadata:\\n  labels:\\n    {label}: {part}\\n  name: {name}")
        print(f"image: {image[1]}@{image[2]}\\n---")
elif verb == "apply" and is_record:
    (notes / "record").write_text(json.loads(given)["data"]["record"])
elif verb == "apply":
    (notes / "applied").write_text(given)
elif verb == "get" and rest[0] == "configmap" and (notes / "record").exists():
    print((notes / "record").read_text())
elif verb == "get" and rest[0] == "deployment,cronjob":
    print("deployment.apps/web\\ndeployment.apps/extra\\ncronjob.batch/backup")
"""
OBJECTS = [
    ("Deployment", "web"),
    ("Deployment", "exporter"),
    ("CronJob", "backup"),
    ("Job", "migrate"),
]


class Environment:
    """A directory in which the programs keep notes. calls: what they were asked to do."""

    def __init__(self, directory: Path, **programs: str) -> None:
        self.directory = directory
        self.env = {"NOTES": str(directory)}
        for name, source in programs.items():
            path = directory / name
            path.write_text(f"#!{sys.executable}\n{source}")
            path.chmod(0o755)
            self.env[name.upper()] = str(path)
        self.write("failing", "")

    def write(self, name: str, text: str) -> None:
        (self.directory / name).write_text(text)

    def read(self, name: str) -> str:
        return (self.directory / name).read_text()

    def attempt(self, *arguments: str, max_file_bytes: int | None = None) -> tuple[int, str]:
        """Returns the exit code and what was printed. max_file_bytes: no file becomes larger."""

        def limit() -> None:
            if max_file_bytes:
                resource.setrlimit(resource.RLIMIT_FSIZE, (max_file_bytes, max_file_bytes))

        done = subprocess.run(
            [sys.executable, "-m", "deploy.release", *arguments],
            cwd=settings.BASE_DIR,
            env=os.environ | self.env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            preexec_fn=limit,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout + done.stderr

    def run(self, *arguments: str) -> str:
        """Runs a command that must succeed, with new notes; returns what it says."""
        self.write("calls", "")
        code, said = self.attempt(*arguments)
        assert code == 0, said
        return said

    @property
    def calls(self) -> list[str]:
        return self.read("calls").splitlines()


class Cluster(Environment):
    def deploy(self, digest: str) -> str:
        image = f"example.com/recruit@sha256:{digest}"
        return self.run("deploy", "production", image, f"version-{digest}")

    def release(self, digest: str) -> None:
        self.deploy(digest)
        self.run("record", "production")

    def serves(self, digest: str) -> bool:
        """True if the images that were applied last have this digest and no other."""
        return set(re.findall(r"image: (\S+)", self.read("applied"))) == {
            f"example.com/recruit@sha256:{digest}"
        }


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    cluster = Cluster(tmp_path, kubectl=KUBECTL)
    cluster.write("objects", json.dumps(OBJECTS))
    return cluster


def did(cluster: Cluster) -> list[str]:
    """Returns what was done to the cluster, without what was only read."""
    reads = ("get", "kustomize")
    return [line.split(" --")[0] for line in cluster.calls if not line.startswith(reads)]


def test_a_version_is_deployed_by_digest_behind_a_record_of_the_attempt(cluster: Cluster) -> None:
    cluster.deploy("aa")
    assert cluster.serves("aa")
    steps = [
        "record",
        "delete job migrate",
        "apply",
        "wait job migrate",
        "rollout status deployment",
    ]
    assert did(cluster) == steps


def test_a_failed_deployment_returns_to_the_recorded_manifests_once(cluster: Cluster) -> None:
    """With their settings, which the overlay no longer has."""
    cluster.release("aa")
    recorded = cluster.read("applied")
    cluster.write("failing", "rollout")
    code, _ = cluster.attempt("deploy", "production", "example.com/recruit@sha256:bb")
    assert code == 1
    assert cluster.serves("bb"), "the premise: it failed in between"
    cluster.write("failing", "")
    assert "Returned to version-aa (sha256:aa)" in cluster.run("undo", "production")
    web, exporter, backup, migrate = recorded.split("\n---\n")
    assert ("exporter" in exporter, "kind: Job" in migrate) == (True, True)
    assert cluster.read("applied") == f"{web}\n---\n{backup}"
    for command in ("undo", "rollback", "rollback"):
        assert "sha256:aa" in cluster.run(command, "production")
        assert did(cluster) == [], "a second time changes nothing"


def test_nothing_is_rolled_back_if_the_pipeline_fails_before_the_deployment(
    cluster: Cluster,
) -> None:
    cluster.release("aa")
    cluster.release("bb")
    assert "No deployment has changed anything" in cluster.run("undo", "production")
    assert did(cluster) == []
    assert cluster.serves("bb")


def test_a_recorded_version_is_rolled_back_to_the_one_before_and_never_comes_back(
    cluster: Cluster,
) -> None:
    for digest in ("zz", "aa", "bb"):
        cluster.release(digest)
    cluster.run("rollback", "production")
    assert cluster.serves("aa")
    for _ in range(2):
        assert "Nothing was changed" in cluster.run("rollback", "production")
        assert did(cluster) == []
    assert cluster.serves("aa"), "neither the bad version, nor one that may not fit the database"
    cluster.release("cc")
    cluster.run("rollback", "production")
    assert cluster.serves("aa"), "what served before"


def test_the_same_version_again_does_not_replace_the_one_before(cluster: Cluster) -> None:
    for digest in ("aa", "bb", "bb"):
        cluster.release(digest)
    cluster.run("rollback", "production")
    assert cluster.serves("aa")


def test_what_only_the_later_version_has_is_deleted(cluster: Cluster) -> None:
    cluster.release("aa")
    cluster.write("objects", json.dumps([*OBJECTS, ("Deployment", "extra")]))
    cluster.deploy("bb")
    cluster.run("undo", "production")
    assert [line for line in did(cluster) if "delete" in line] == ["delete deployment.apps/extra"]


def break_off(cluster: Cluster, *arguments: str) -> None:
    """Runs a command that fails after the objects were applied."""
    cluster.write("failing", "rollout")
    assert cluster.attempt(*arguments)[0] == 1
    cluster.write("failing", "")


@pytest.mark.parametrize("command", ["rollback", "undo"])
def test_a_rollback_that_breaks_off_is_completed_by_either_command_once(
    cluster: Cluster, command: str
) -> None:
    for digest in ("zz", "aa", "bb"):
        cluster.release(digest)
    break_off(cluster, "rollback", "production")
    assert cluster.serves("aa"), "the premise: it broke off in between"
    assert "Returned to version-aa" in cluster.run(command, "production")
    assert [step for step in did(cluster) if step == "apply"] == ["apply"]
    for again in ("undo", "rollback"):
        cluster.run(again, "production")
        assert did(cluster) == [], "a second time changes nothing"


def test_a_rollback_that_broke_off_and_was_checked_can_be_recorded(cluster: Cluster) -> None:
    cluster.release("aa")
    cluster.release("bb")
    break_off(cluster, "rollback", "production")
    said = cluster.run("record", "production")
    assert said.startswith("version-aa (sha256:aa) serves; before it: no recorded release")


@pytest.mark.parametrize("command", ["rollback", "undo"])
def test_the_version_that_serves_is_restored_when_deploying_it_again_breaks_off(
    cluster: Cluster, command: str
) -> None:
    cluster.release("aa")
    cluster.release("bb")
    break_off(cluster, "deploy", "production", "example.com/recruit@sha256:bb", "version-bb")
    assert "Returned to version-bb" in cluster.run(command, "production")
    assert cluster.serves("bb")
    assert "apply" in did(cluster)


def test_without_a_recorded_release_there_is_nothing_to_return_to(cluster: Cluster) -> None:
    cluster.deploy("aa")
    for command in ("undo", "rollback"):
        code, said = cluster.attempt(command, "production")
        assert code == 1
        assert "No release is recorded" in said


def test_an_image_is_deployed_by_its_digest_only(cluster: Cluster) -> None:
    code, said = cluster.attempt("deploy", "production", "example.com/recruit:latest")
    assert (code, "by its digest" in said) == (1, True)
    assert not (cluster.directory / "applied").exists()


COMPOSE = """
import json, os, pathlib, sys
notes = pathlib.Path(os.environ["NOTES"])
state = json.loads((notes / "state").read_text())  # tags, what runs, and the build that comes next
arguments = sys.argv[1:]
with (notes / "calls").open("a") as calls:
    calls.write(" ".join(arguments) + "\\n")
if arguments[:1] == ["compose"]:
    assert arguments[1] == "--file" and arguments[2].endswith("/compose.yml")
    verb, *rest = arguments[3:]
    names = {"web": "recruit-live", "nginx": "recruit-live-edge"}
    env = dict(line.split("=") for line in (notes / ".env").read_text().splitlines())
    release = os.environ.get("RECRUIT_RELEASE") or env.get("RECRUIT_RELEASE") or "0.1.0"
    if verb == "build":
        for name in names.values():
            state["tags"][f"{name}:{release}"] = f"sha256:{name}-{state['next']}"
    elif verb == "ps" and state["running"]:
        print("\\n".join(f"{rest[-1]}-{n}" for n in (1, 2)))
    elif verb == "run":
        (notes / "migrated").write_text(state["tags"][f"recruit-live:{release}"])
        if state["failing"] == "run":
            sys.exit(1)
    elif verb == "config":
        print("\\n".join(["web", "nginx", "relay", "migrate", "postgres"]))
    elif verb == "up":
        if state["failing"] == "up":
            sys.exit(1)
        for service in {*names} & {*rest}:
            state["running"][service] = state["tags"][f"{names[service]}:{release}"]
elif arguments[0] == "inspect":
    print(state["running"][arguments[-1].partition("-")[0]])
elif arguments[:2] == ["image", "inspect"]:
    print(state["tags"][arguments[-1]])
elif arguments[0] == "tag":
    assert arguments[1] in state["tags"].values()
    state["tags"][arguments[2]] = arguments[1]
(notes / "state").write_text(json.dumps(state))
"""


class Machine(Environment):
    def set(self, **values: object) -> None:
        self.write("state", json.dumps(json.loads(self.read("state")) | values))

    def deploy(self, build: str) -> None:
        self.set(next=build)
        self.run("deploy", "compose")

    @property
    def serves(self) -> set[str]:
        return {
            image.rpartition("-")[2] for image in json.loads(self.read("state"))["running"].values()
        }


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine on which Compose has started a first version, without a record."""
    machine = Machine(tmp_path, docker=COMPOSE)
    machine.env["COMPOSE_DIR"] = str(tmp_path)
    machine.write(".env", "ALLOWED_HOSTS=board.example.com\n")
    first = {"recruit-live:0.1.0": "sha256:site-one", "recruit-live-edge:0.1.0": "sha256:edge-one"}
    running = {"web": "sha256:site-one", "nginx": "sha256:edge-one"}
    machine.write(
        "state", json.dumps({"tags": first, "running": running, "next": "", "failing": ""})
    )
    return machine


def test_compose_migrates_then_starts_new_web_processes_before_it_stops_the_old(
    machine: Machine,
) -> None:
    machine.deploy("two")
    assert machine.serves == {"two"}
    steps = [line.partition("compose.yml ")[2] or line for line in machine.calls]
    order = [
        "run --rm migrate",
        "up --detach --no-deps --wait --no-recreate --scale web=4 web",
        "stop web-1 web-2",
        "rm web-1 web-2",
        "up --detach --no-deps --wait nginx postgres relay web",
    ]
    assert [step for step in steps if step in order] == order
    assert machine.read(".env").startswith("ALLOWED_HOSTS=board.example.com\nRECRUIT_RELEASE=")


def test_compose_returns_to_the_images_that_served_before_the_first_record(
    machine: Machine,
) -> None:
    machine.deploy("two")
    machine.set(next="three")  # the tag of the first version is built anew, and means another image
    machine.run("undo", "compose")
    assert machine.serves == {"one"}
    assert not any("migrate" in line.split() for line in machine.calls)
    machine.run("rollback", "compose")
    assert machine.serves == {"one"}


def test_compose_rolls_a_recorded_version_back_once(machine: Machine) -> None:
    for build in ("two", "three"):
        machine.deploy(build)
        machine.run("record", "compose")
    for _ in range(2):
        machine.run("rollback", "compose")
        assert machine.serves == {"two"}
    assert not any("up" in line.split() for line in machine.calls), "the second changed nothing"


def test_compose_returns_after_a_deployment_whose_containers_are_not_healthy(
    machine: Machine,
) -> None:
    machine.set(next="two", failing="up")
    assert machine.attempt("deploy", "compose")[0] == 1
    machine.set(failing="")
    machine.run("undo", "compose")
    assert machine.serves == {"one"}


def test_compose_goes_on_to_start_the_old_version_if_the_migration_fails(
    machine: Machine,
) -> None:
    machine.deploy("two")
    chosen = machine.read(".env")
    machine.set(next="three", failing="run")
    assert machine.attempt("deploy", "compose")[0] == 1
    assert machine.read("migrated") == "sha256:recruit-live-three", "the premise"
    assert machine.read(".env") == chosen


def test_settings_keep_their_mode_when_the_tag_is_written_into_them(machine: Machine) -> None:
    """Also where .env is a link to settings elsewhere."""
    (machine.directory / "etc").mkdir()
    settings_file = (machine.directory / ".env").rename(machine.directory / "etc" / "recruit.env")
    settings_file.chmod(0o640)
    (machine.directory / ".env").symlink_to(settings_file)
    machine.deploy("two")
    assert (machine.directory / ".env").is_symlink()
    assert "RECRUIT_RELEASE=" in settings_file.read_text()
    assert stat.S_IMODE(settings_file.stat().st_mode) == 0o640
    assert [one.name for one in settings_file.parent.iterdir()] == ["recruit.env"]


def test_settings_are_kept_whole_if_the_disk_is_full(machine: Machine) -> None:
    """A limit of the size of files stands for the disk; the record, which is smaller, fits."""
    before = f"ALLOWED_HOSTS={'board.example.com,' * 500}\n"
    machine.write(".env", before)
    machine.set(next="two")
    code, said = machine.attempt("deploy", "compose", max_file_bytes=len(before))
    assert (code, "File too large" in said) == (1, True)
    assert machine.read(".env") == before
    assert [path.name for path in machine.directory.glob(".env*")] == [".env"]
