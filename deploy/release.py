"""Deploys a version, and returns to exactly what served before: `python -m deploy.release`.

    deploy ENVIRONMENT    deploy a version; it counts as a release when it is recorded
    record ENVIRONMENT    record what was deployed as the release that serves, after its checks
    undo ENVIRONMENT      after a deployment that failed: return to the recorded release
    rollback ENVIRONMENT  return to the release before the recorded one; after a failed deployment:
                          undo

ENVIRONMENT is a kubectl context, `staging` or `production`, or `compose`: the containers of this
machine. The record is kept in the environment and holds images by digest, so it does not depend on
tags. Nothing is changed if no deployment was begun, and after a return there is no earlier release
to return to: a second rollback never leads to the bad version, nor further back. Migrations stay:
they remove nothing that the previous version uses (`deploy/lint_migrations.py`). Needs Python 3.11
alone.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import json
import os
import re
import stat
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol, TextIO

ROOT = Path(__file__).resolve().parent.parent
NAMESPACE = "recruit-live"
SELECTOR = "app.kubernetes.io/part-of=recruit-live"
MIGRATION_TIMEOUT = "600s"
ROLLOUT_TIMEOUT = "900s"
WORKLOADS = ("Deployment", "CronJob")
IMAGES = {"web": "recruit-live", "nginx": "recruit-live-edge"}  # of these services of Compose
UNRELEASED = "unreleased"  # the tag of images that were just built
# Lines of an object as kustomize renders it.
OF_PRODUCT = re.compile(r"^    app\.kubernetes\.io/part-of: recruit-live$", re.MULTILINE)
A_JOB = re.compile(r"^kind: Job$", re.MULTILINE)


class ReleaseError(Exception):
    """Nothing can be deployed or rolled back; the message says why."""


@dataclass(frozen=True, slots=True)
class Release:
    """Something that can be deployed again as it was.

    name      for people: the version, or the tag of the images
    content   as the environment describes it: rendered manifests, or the ids of images
    """

    name: str = field(compare=False)
    content: Any


@dataclass(slots=True)
class Record:
    """The releases of an environment.

    candidate  deployed or restored, perhaps only in part, and not recorded yet
    serving    the last recorded one
    previous   the recorded one before it, until somebody returns to a release
    """

    candidate: Release | None = None
    serving: Release | None = None
    previous: Release | None = None

    def accept(self) -> None:
        """Record the candidate as the release that serves."""
        if self.candidate and self.candidate != self.serving:
            self.serving, self.previous = self.candidate, self.serving
        self.candidate = None


class Environment(Protocol):
    """Where the product runs."""

    def read(self) -> Record: ...

    def write(self, record: Record) -> None: ...

    def prepare(self, image: str, version: str) -> Release:
        """Return a release of this image, which is named by its digest, and change nothing."""

    def deploy(self, release: Release) -> None:
        """Migrate the database, then replace the processes."""

    def restore(self, release: Release) -> None:
        """Replace the processes by those of an earlier release, and leave the database."""


def deploy(environment: Environment, image: str, version: str) -> str:
    """Deploy an image. The record is written first, so that a failure in between is noticed."""
    record = environment.read()
    record.candidate = release = environment.prepare(image, version)
    environment.write(record)
    environment.deploy(release)
    return f"Deployed {release.name}. Check it, then record it."


def accept(environment: Environment) -> str:
    """Record the deployment that was checked."""
    record = environment.read()
    record.accept()
    environment.write(record)
    return f"{_name(record.serving)} serves; before it: {_name(record.previous)}."


def undo(environment: Environment) -> str:
    """Return to the recorded release if a deployment or a return was begun and not completed."""
    record = environment.read()
    if record.candidate is None:
        return f"No deployment has changed anything: {_name(record.serving)} serves."
    return _return_to(environment, record.serving)


def rollback(environment: Environment) -> str:
    """Return to what served before: before a failed deployment, or before the recorded release."""
    record = environment.read()
    if record.candidate:
        return _return_to(environment, record.serving)
    if record.serving and not record.previous:
        return (
            f"Nothing was changed: {_name(record.serving)} serves, and no earlier release is known "
            "to fit the database. Deploy a version instead."
        )
    return _return_to(environment, record.previous)


def _return_to(environment: Environment, release: Release | None) -> str:
    """Restore a release. The record is written first, so that every command can complete it."""
    if release is None:
        raise ReleaseError("No release is recorded to which the site could return.")
    environment.write(Record(candidate=release, serving=release))
    environment.restore(release)
    environment.write(Record(serving=release))
    return f"Returned to {release.name}."


def _name(release: Release | None) -> str:
    return release.name if release else "no recorded release"


def run(*command: str, given: str | None = None, env: dict[str, str] | None = None) -> str:
    """Run a program and return what it prints. Raises ReleaseError if it fails."""
    done = subprocess.run(
        command,
        input=given,
        env=os.environ | (env or {}),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ReleaseError(f"{command[0]} failed: {' '.join(command[1:])}")
    return done.stdout.strip()


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Kubernetes cluster. Its record is the config map `release`."""

    context: str

    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        program = os.environ.get("KUBECTL", "kubectl")
        there = ("--context", self.context, "--namespace", NAMESPACE)
        return run(program, *there, *arguments, given=given)

    def read(self) -> Record:
        found = self.kubectl(
            *("get", "configmap", "release", "--ignore-not-found"),
            *("--output", "jsonpath={.data.record}"),
        )
        return decode(gzip.decompress(base64.b64decode(found)).decode() if found else "")

    def write(self, record: Record) -> None:
        """A config map holds one megabyte, so the manifests are compressed."""
        config_map = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "release"},
            "data": {"record": base64.b64encode(gzip.compress(encode(record).encode())).decode()},
        }
        # On the client's side, kubectl would keep a second copy in an annotation that is too small.
        how = ("--server-side", "--force-conflicts", "--field-manager", "release")
        self.kubectl("apply", *how, "--filename", "-", given=json.dumps(config_map))

    def prepare(self, image: str, version: str) -> Release:
        name, _, digest = image.partition("@")
        if not digest.startswith("sha256:"):
            raise ReleaseError(f"Name the image by its digest, not as {image}: a tag can be moved.")
        directory = ROOT / "build" / self.context
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "kustomization.yaml").write_text(
            f'resources: ["../../deploy/kubernetes/overlays/{self.context}"]\n'
            f"images: [{{name: recruit-live, newName: {name}, digest: {digest}}}]\n"
        )
        manifest = self.kubectl("kustomize", str(directory))
        return Release(f"{version or name} ({digest})", manifest)

    def deploy(self, release: Release) -> None:
        """A job cannot be changed, so that of the migration is deleted and created again."""
        self.kubectl("delete", "job", "migrate", "--ignore-not-found")
        self.kubectl("apply", "--filename", "-", given=release.content)
        done = ("--for=condition=complete", f"--timeout={MIGRATION_TIMEOUT}")
        self.kubectl("wait", "job", "migrate", *done)
        self._wait_for_rollout()

    def restore(self, release: Release) -> None:
        """Leave the objects of the monitoring alone, which are no part of the product."""
        documents = release.content.split("\n---\n")
        kept = [one for one in documents if OF_PRODUCT.search(one) and not A_JOB.search(one)]
        if not kept:
            raise ReleaseError(f"The record of {release.name} has no objects of the product.")
        self.kubectl("apply", "--filename", "-", given="\n---\n".join(kept))
        self._delete_workloads_besides(kept)
        self._wait_for_rollout()

    def _delete_workloads_besides(self, documents: list[str]) -> None:
        """Delete what only the later version has: it would go on to run the later code."""
        known = {"/".join(kind_and_name(one)) for one in documents}
        kinds = ",".join(kind.lower() for kind in WORKLOADS)
        found = self.kubectl("get", kinds, "--selector", SELECTOR, "--output", "name").split()
        for resource in found:  # such as deployment.apps/web
            kind, _, name = resource.partition("/")
            if f"{kind.partition('.')[0]}/{name}" not in known:
                self.kubectl("delete", resource)

    def _wait_for_rollout(self) -> None:
        which = ("--selector", SELECTOR, f"--timeout={ROLLOUT_TIMEOUT}")
        self.kubectl("rollout", "status", "deployment", *which)


def kind_and_name(document: str) -> tuple[str, str]:
    """Return kind, in lower case, and name of an object as kustomize renders it."""
    kind = re.search(r"^kind: (\w+)$", document, re.MULTILINE)
    name = re.search(r"^metadata:\n(?:  .*\n)*?  name: (\S+)$", document, re.MULTILINE)
    return (kind[1].lower() if kind else "", name[1] if name else "")


@dataclass(frozen=True, slots=True)
class Compose:
    """The containers of this machine. The record is a file beside compose.yml.

    The images of a release have a tag of their own, which RECRUIT_RELEASE in .env names.
    """

    directory: Path

    def docker(self, *arguments: str, **env: str) -> str:
        return run(os.environ.get("DOCKER", "docker"), *arguments, env=env)

    def compose(self, *arguments: str, **env: str) -> str:
        file = str(self.directory / "compose.yml")
        return self.docker("compose", "--file", file, *arguments, **env)

    def read(self) -> Record:
        """Return the record; without one, what runs now counts as the release that serves."""
        if self._path.exists():
            return decode(self._path.read_text())
        running = {service: self.compose("ps", "--quiet", service).split() for service in IMAGES}
        if not all(running.values()):
            return Record()
        images = {
            IMAGES[service]: self.docker("inspect", "--format", "{{.Image}}", containers[0])
            for service, containers in running.items()
        }
        return Record(serving=release_of(images))

    def write(self, record: Record) -> None:
        replace_text(self._path, encode(record))

    @property
    def _path(self) -> Path:
        return self.directory / "release.json"

    def prepare(self, image: str, version: str) -> Release:
        """Build both images from this directory, and ignore the arguments."""
        self.compose("build", RECRUIT_RELEASE=UNRELEASED)
        return release_of(
            {
                name: self.docker("image", "inspect", "--format", "{{.Id}}", f"{name}:{UNRELEASED}")
                for name in IMAGES.values()
            }
        )

    def deploy(self, release: Release) -> None:
        """Choose the release after its migration: if that fails, the old one stays chosen."""
        self._tag(release)
        self.compose("run", "--rm", "migrate", RECRUIT_RELEASE=release.name)
        self._choose(release)
        self._replace_containers()

    def restore(self, release: Release) -> None:
        self._tag(release)
        self._choose(release)
        self._replace_containers()

    def _tag(self, release: Release) -> None:
        for name, image in release.content.items():
            self.docker("tag", image, f"{name}:{release.name}")

    def _choose(self, release: Release) -> None:
        """Name the tag of the images in .env, for every later command of Compose."""
        path = self.directory / ".env"
        lines = path.read_text().splitlines() if path.exists() else []
        kept = [line for line in lines if not line.startswith("RECRUIT_RELEASE=")]
        replace_text(path, "\n".join([*kept, f"RECRUIT_RELEASE={release.name}", ""]))

    def _replace_containers(self) -> None:
        """Replace web processes when as many new ones are healthy, then all others."""
        old = self.compose("ps", "--quiet", "web").split()
        up = ("up", "--detach", "--no-deps", "--wait")
        if old:
            self.compose(*up, "--no-recreate", "--scale", f"web={2 * len(old)}", "web")
            self.docker("stop", *old)
            self.docker("rm", *old)
        services = set(self.compose("config", "--services").split()) - {"migrate"}
        self.compose(*up, *sorted(services))


def replace_text(path: Path, text: str) -> None:
    """Write a file as a whole, or not at all, and keep its mode and owner.

    Raises ReleaseError, for example if the disk is full.
    """
    path = path.resolve()  # a link stays one
    unfinished = path.with_name(f"{path.name}.new")
    try:
        unfinished.unlink(missing_ok=True)
        with _open_like(path, unfinished) as new:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise ReleaseError(f"{path} was left as it was: {error.strerror}.") from error


def _open_like(path: Path, new: Path) -> TextIO:
    """Open a new file, readable for the same people as this one while it is written."""
    known = path.stat() if path.exists() else None
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    file = os.fdopen(os.open(new, flags, 0o600 if known else 0o666), "w")
    if known:
        owner = known.st_uid if os.geteuid() == 0 else -1  # only root may give files away
        os.fchown(file.fileno(), owner, known.st_gid)
        os.fchmod(file.fileno(), stat.S_IMODE(known.st_mode))
    return file


def release_of(images: dict[str, str]) -> Release:
    """Return the release of these images, by their ids. Its name becomes their tag."""
    return Release(hashlib.sha256("".join(images.values()).encode()).hexdigest()[:12], images)


def encode(record: Record) -> str:
    return json.dumps(asdict(record))


def decode(text: str) -> Record:
    """Return the record; an empty one if the environment has none."""
    parts = json.loads(text or "{}")
    return Record(**{name: Release(**part) for name, part in parts.items() if part})


def main(arguments: list[str]) -> None:
    commands = {"record": accept, "undo": undo, "rollback": rollback}
    parser = argparse.ArgumentParser(prog="python -m deploy.release", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("command", choices=("deploy", *commands))
    parser.add_argument("environment", choices=("staging", "production", "compose"))
    parser.add_argument("image", nargs="?", default="", help="to a cluster: NAME@sha256:…")
    parser.add_argument("version", nargs="?", default="", help="its name for people")
    given = parser.parse_args(arguments)
    compose = Compose(Path(os.environ.get("COMPOSE_DIR", ROOT / "deploy")))
    environment: Environment = (
        compose if given.environment == "compose" else Cluster(given.environment)
    )
    try:
        if given.command == "deploy":
            said = deploy(environment, given.image, given.version)
        else:
            said = commands[given.command](environment)
    except ReleaseError as error:
        sys.exit(str(error))
    print(said)  # noqa: T201 its output


if __name__ == "__main__":
    main(sys.argv[1:])
