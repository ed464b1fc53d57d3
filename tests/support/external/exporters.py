"""Runs Debian's exporters of Prometheus, whose versions differ from those of compose."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.support.external.programs import DEPLOY, answers, free_port, installed
from tests.support.product.processes import Running
from tests.support.wait import until

JOBS = ("postgres", "redis", "node", "blackbox")
Version = tuple[int, ...]


@contextmanager
def exporter(job: str, *arguments: str | Path, **env: str) -> Iterator[str]:
    """Yields the host and port of the exporter of this job; ends it after the block."""
    address = f"127.0.0.1:{free_port()}"
    command = [installed(program(job)), f"--web.listen-address={address}", *map(str, arguments)]
    process = Running(job, command, env)
    try:
        until(lambda: answers(f"http://{address}/") or not process.is_alive())
        assert process.is_alive(), process.output
        yield address
    finally:
        if process.is_alive():
            process.kill()


def program(job: str) -> str:
    return f"prometheus-{job}-exporter"


def installed_version(job: str) -> Version:
    done = subprocess.run(
        [installed(program(job)), "--version"], capture_output=True, text=True, check=True
    )
    return version(done.stdout + done.stderr)


def version(text: str) -> Version:
    """Returns the first version that the text names, such as (1, 45, 0)."""
    found = re.search(r"\d+\.\d+\.\d+", text)
    assert found, text
    return tuple(int(part) for part in found[0].split("."))


def blackbox_configuration(directory: Path, authority: Path, **modules: dict[str, Any]) -> Path:
    """Writes our configuration, but trusting this certificate; returns the file.

    modules: further ones.
    """
    config = yaml.safe_load((DEPLOY / "prometheus" / "blackbox.yml").read_text())
    config["modules"]["site"]["http"]["tls_config"] = {"ca_file": str(authority)}
    config["modules"] |= modules
    written = directory / "blackbox.yml"
    written.write_text(yaml.safe_dump(config))
    return written
