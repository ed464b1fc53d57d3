"""A real nginx with our own configuration, at other addresses and in another place."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.support.external.programs import DEPLOY, free_port, installed, listens, serving

SETTINGS = DEPLOY / "nginx"
OUTSIDE = "/tmp/", "/srv/recruit", "/run/secrets/"


@dataclass(frozen=True, slots=True)
class Edge:
    """One that runs. directory: where it has all that it has outside of its configuration."""

    directory: Path
    port: int
    tls_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def access_log(self) -> str:
        return (self.directory / "access.log").read_text()


@contextmanager
def nginx(directory: Path, webs: Sequence[int], *, by_tls: bool = False) -> Iterator[Edge]:
    """One before the web processes at these ports of this machine.

    directory: an empty place for it. by_tls: as in production; else whoever comes is let in.
    """
    edge = Edge(directory, free_port(), free_port())
    config = _configured(edge, webs, by_tls=by_tls)
    with serving("nginx", "-c", config, "-g", _own(), ready=partial(listens, edge.port)):
        yield edge


def _configured(edge: Edge, webs: Sequence[int], *, by_tls: bool) -> Path:
    copy = shutil.copytree(SETTINGS, edge.directory / "nginx")
    listen = f"listen 127.0.0.1:{edge.port};"
    if by_tls:
        certify(edge.directory)
        listen = (copy / "listen.conf").read_text()
        for name, port in {"8080": edge.port, "8443": edge.tls_port}.items():
            listen = listen.replace(f"listen {name}", f"listen 127.0.0.1:{port}")
    (copy / "listen.conf").write_text(listen)
    upstreams = copy / "upstreams.conf"
    upstreams.write_text(_with_servers(upstreams.read_text(), webs))
    for path in copy.glob("*.conf"):
        path.write_text(_moved(path.read_text(), edge.directory))
    return copy / "nginx.conf"


def _with_servers(upstreams: str, webs: Sequence[int]) -> str:
    """The processes at these ports in place of those that Docker knows by name."""
    named = re.sub(r"^resolver .*", "", upstreams, flags=re.MULTILINE)
    return re.sub(
        r"server web:8000 resolve(.*;)",
        lambda line: "\n".join(f"server 127.0.0.1:{port}{line[1]}" for port in webs),
        named,
    )


def _moved(text: str, directory: Path) -> str:
    """All that lies outside of the configuration lies in this directory instead."""
    for place in OUTSIDE:
        text = text.replace(f" {place}", f" {directory}/")
    return text.replace("/dev/stdout", f"{directory}/access.log")


def _own() -> str:
    """As root it would work under another account, which may not see a test's files."""
    return "daemon off; user root;" if os.geteuid() == 0 else "daemon off;"


def certify(directory: Path) -> None:
    """The certificate that our own script makes, which nobody has signed."""
    installed("openssl")
    subprocess.run([DEPLOY / "compose" / "secrets.sh", "localhost", directory], check=True)
