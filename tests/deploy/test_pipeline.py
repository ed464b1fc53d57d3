"""Both pipelines only call targets of the Makefile, the same ones in the same order."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
WORKFLOW = ROOT / ".github" / "workflows" / "pipeline.yml"
JENKINSFILE = ROOT / "Jenkinsfile"
ORDER = [
    *("check", "audit", "test"),
    *("image", "sbom", "scan", "sign"),
    *("verify", "staging", "smoke"),
    *("verify", "promote", "smoke", "record"),
]
ENDS = ["undo", "rollback", "smoke"]  # if production fails, and on request


def workflow_commands() -> list[str]:
    jobs = yaml.safe_load(WORKFLOW.read_text())["jobs"]
    return [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]


def jenkins_commands() -> list[str]:
    return re.findall(r"\bsh '([^']*)'", JENKINSFILE.read_text())


def targets(commands: Sequence[str]) -> list[str]:
    found = [re.fullmatch(r"make (\w+)( [A-Z]+=\S+)*", command) for command in commands]
    assert None not in found, f"not only a target: {commands}"
    return [match[1] for match in found if match]


def test_the_workflow_fits_the_schema_of_github() -> None:
    schema = resources.files("check_jsonschema") / "builtin_schemas/vendor/github-workflows.json"
    jsonschema.validate(
        # YAML reads the key `on` as the boolean true.
        {{True: "on"}.get(k, k): v for k, v in yaml.safe_load(WORKFLOW.read_text()).items()},
        json.loads(schema.read_text()),
    )


@pytest.mark.parametrize(
    "commands", [workflow_commands, jenkins_commands], ids=["GitHub", "Jenkins"]
)
def test_a_pipeline_calls_every_step_in_order(commands: object) -> None:
    assert callable(commands)
    assert targets(commands()) == ORDER + ENDS


def test_every_target_exists() -> None:
    for target in {*ORDER, *ENDS}:
        done = make(target, "--dry-run", "SITE=http://127.0.0.1:9")
        assert done.returncode == 0, done.stderr


def make(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def recorder(folder: Path, name: str) -> str:
    """Returns a program that only records its arguments, in place of a cluster or registry."""
    program = folder / name
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder / "calls"}\n')
    program.chmod(0o755)
    return str(program)


def calls(folder: Path) -> list[str]:
    return (folder / "calls").read_text().splitlines()


@pytest.mark.xdist_group("build")  # both write build/staging
@pytest.mark.parametrize(("target", "context"), [("staging", "staging"), ("promote", "production")])
def test_a_deployment_migrates_and_waits_for_the_rollout(
    tmp_path: Path, target: str, context: str
) -> None:
    kubectl, cosign = recorder(tmp_path, "kubectl"), verifier(tmp_path)
    options = (f"KUBECTL={kubectl}", f"COSIGN={cosign}", "IMAGE=example.com/recruit", "VERSION=abc")
    done = make("verify", target, *options)
    assert done.returncode == 0, done.stderr
    recorded = calls(tmp_path)
    attempt = ["get", "kustomize", "apply"]  # recorded first, see test_release.py
    steps = [*attempt, "delete", "apply", "wait", "rollout"]
    assert [line.split()[4] for line in recorded] == steps
    assert all(
        line.startswith(f"--context {context} --namespace recruit-live ") for line in recorded
    )
    if cluster := shutil.which("kubectl"):
        made = subprocess.run(
            [cluster, "kustomize", ROOT / "build" / context],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        images = re.findall(r"image: (\S*recruit\S*)", made)
        assert set(images) == {f"example.com/recruit@{DIGEST}"}, "a tag could be moved"
    written = yaml.safe_load((ROOT / "build" / context / "kustomization.yaml").read_text())
    assert written["images"] == [
        {"name": "recruit-live", "newName": "example.com/recruit", "digest": DIGEST}
    ]


@pytest.mark.xdist_group("build")
def test_a_step_that_fails_stops_the_deployment(tmp_path: Path) -> None:
    kubectl = recorder(tmp_path, "kubectl")
    Path(kubectl).write_text('#!/bin/sh\n[ "$5" != wait ]\n')
    options = (f"KUBECTL={kubectl}", f"COSIGN={verifier(tmp_path)}")
    done = make("verify", "staging", *options)
    assert done.returncode != 0
    assert "wait job migrate" in done.stderr


@pytest.mark.parametrize("target", ["record", "undo", "rollback"])
def test_the_record_of_releases_is_that_of_production(tmp_path: Path, target: str) -> None:
    kubectl = recorder(tmp_path, "kubectl")
    make(target, f"KUBECTL={kubectl}")
    assert calls(tmp_path)[0].startswith("--context production --namespace recruit-live get ")


@pytest.mark.xdist_group("build")
def test_an_image_that_was_not_verified_is_not_deployed(tmp_path: Path) -> None:
    kubectl, cosign = recorder(tmp_path, "kubectl"), verifier(tmp_path)
    assert make("verify", f"COSIGN={cosign}").returncode == 0
    Path(cosign).write_text("#!/bin/sh\nexit 1\n")
    assert make("verify", f"COSIGN={cosign}").returncode != 0
    done = make("staging", f"KUBECTL={kubectl}")
    assert done.returncode != 0
    assert "make verify" in done.stderr
    assert not (tmp_path / "calls").exists()


@pytest.mark.xdist_group("build")
def test_signatures_of_several_images_are_refused(tmp_path: Path) -> None:
    cosign = verifier(tmp_path, DIGEST, f"sha256:{'b' * 64}")
    assert make("verify", f"COSIGN={cosign}").returncode != 0


DIGEST = f"sha256:{'a' * 64}"


def verifier(folder: Path, *digests: str) -> str:
    """Returns a cosign that finds signatures of these images, in its JSON."""
    found = [{"image": {"docker-manifest-digest": one}} for one in digests or (DIGEST, DIGEST)]
    program = folder / "cosign"
    program.write_text(f"#!/bin/sh\necho '{json.dumps([{'critical': one} for one in found])}'\n")
    program.chmod(0o755)
    return str(program)


def test_the_image_is_tagged_with_its_version_and_pushed_on_request(tmp_path: Path) -> None:
    docker = recorder(tmp_path, "docker")
    make("image", f"DOCKER={docker}", "VERSION=abc")
    make("image", f"DOCKER={docker}", "VERSION=abc", "PUSH=yes", "IMAGE=example.com/recruit")
    kept, pushed = calls(tmp_path)
    assert "--tag recruit-live:abc" in kept
    assert "--push" not in kept
    assert "--tag example.com/recruit:abc " in pushed
    for option in ("--platform linux/amd64,linux/arm64", "--provenance=mode=max", "--sbom=true"):
        assert option in pushed
        assert option not in kept, "only a registry keeps it"
    assert "--push ." in pushed


def test_the_sbom_lists_every_locked_package() -> None:
    done = make("sbom")
    assert done.returncode == 0, done.stderr
    listed = json.loads((ROOT / "build" / "sbom.json").read_text())
    names = {(part["name"].lower(), part["version"]) for part in listed["components"]}
    lock = (ROOT / "requirements" / "image.txt").read_text()
    locked = set(re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==([\w.]+)", lock, re.MULTILINE))
    assert len(locked) > 50
    assert locked <= names


def test_the_audit_reads_every_locked_package_and_fails_on_one_that_is_unknown() -> None:
    done = make("audit", "--dry-run")
    assert done.returncode == 0, done.stderr
    for name in ("--strict", "--require-hashes", "image.txt", "runtime.txt", "development.txt"):
        assert name in done.stdout


def test_the_scan_fails_on_serious_vulnerabilities_that_can_be_corrected(tmp_path: Path) -> None:
    trivy = recorder(tmp_path, "trivy")
    assert (
        make("scan", f"TRIVY={trivy}", "IMAGE=example.com/recruit", "VERSION=abc").returncode == 0
    )
    assert len(calls(tmp_path)) == 2
    for scanned, platform in zip(calls(tmp_path), ("linux/amd64", "linux/arm64"), strict=True):
        assert scanned.startswith("image --exit-code 1 --severity HIGH,CRITICAL --ignore-unfixed")
        assert scanned.endswith(f"--platform {platform} example.com/recruit:abc")
    Path(trivy).write_text("#!/bin/sh\nexit 1\n")
    assert make("scan", f"TRIVY={trivy}").returncode != 0


def registry(folder: Path, digest: str) -> str:
    """Returns a docker that knows the digest of every tag, as a registry does."""
    program = folder / "docker"
    program.write_text(f"#!/bin/sh\necho {digest}\n")
    program.chmod(0o755)
    return str(program)


def test_the_digest_of_the_image_is_signed_with_its_sbom(tmp_path: Path) -> None:
    """A tag could be moved to another image after the signature."""
    cosign, docker = recorder(tmp_path, "cosign"), registry(tmp_path, "sha256:123")
    options = (f"COSIGN={cosign}", f"DOCKER={docker}", "IMAGE=example.com/recruit", "VERSION=abc")
    done = make("sign", *options, "COSIGN_SIGN=--key k.pem")
    assert done.returncode == 0, done.stderr
    signed, attested = calls(tmp_path)
    assert signed == "sign --yes --key k.pem example.com/recruit@sha256:123"
    assert attested.startswith("attest --yes --key k.pem --type cyclonedx --predicate build/sbom")
    assert attested.endswith("example.com/recruit@sha256:123")


def test_an_image_that_is_not_in_the_registry_is_not_signed(tmp_path: Path) -> None:
    cosign, docker = recorder(tmp_path, "cosign"), registry(tmp_path, "")
    assert make("sign", f"COSIGN={cosign}", f"DOCKER={docker}").returncode != 0
    assert not (tmp_path / "calls").exists()


@pytest.mark.xdist_group("build")
def test_a_signature_that_does_not_fit_stops_the_deployment(tmp_path: Path) -> None:
    cosign = verifier(tmp_path)
    with Path(cosign).open("a") as program:
        program.write(f'echo "$@" >> {tmp_path / "calls"}\n')
    options = (f"COSIGN={cosign}", "IMAGE=example.com/recruit", "VERSION=abc")
    assert make("verify", *options, "COSIGN_VERIFY=--key k.pub").returncode == 0
    assert calls(tmp_path) == ["verify --key k.pub --output json example.com/recruit:abc"]
    Path(cosign).write_text("#!/bin/sh\nexit 1\n")
    assert make("verify", *options).returncode != 0
