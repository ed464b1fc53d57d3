"""Runs a real nginx with the production configuration, on other ports and in another directory."""

from __future__ import annotations

import os
import re
import shutil
import signal
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
class NginxServer:
    """A running nginx. directory: all its files outside of its configuration."""

    directory: Path
    port: int
    tls_port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def use_certificate(self, certificate: Path) -> None:
        """Serves this certificate, with the key beside it, from now on."""
        for name in ("tls_certificate", "tls_key"):
            shutil.copy(certificate.with_name(name), self.directory / name)
        os.kill(int((self.directory / "nginx.pid").read_text()), signal.SIGHUP)

    @property
    def access_log(self) -> str:
        return (self.directory / "access.log").read_text()

    @property
    def error_log(self) -> str:
        return (self.directory / "error.log").read_text()


@contextmanager
def nginx(directory: Path, webs: Sequence[int], *, by_tls: bool = False) -> Iterator[NginxServer]:
    """Runs nginx in front of the web processes at these local ports.

    directory: an empty directory. by_tls: uses TLS as in production; else plain HTTP.
    """
    edge = NginxServer(directory, free_port(), free_port())
    config = _configured(edge, webs, by_tls=by_tls)
    with serving("nginx", "-c", config, "-g", _directives(), ready=partial(listens, edge.port)):
        yield edge


def _configured(edge: NginxServer, webs: Sequence[int], *, by_tls: bool) -> Path:
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
        path.write_text(_relocated(path.read_text(), edge.directory))
    return copy / "nginx.conf"


def _with_servers(upstreams: str, webs: Sequence[int]) -> str:
    """Replaces the upstream servers, which Docker resolves by name, with these local ports."""
    named = re.sub(r"^resolver .*", "", upstreams, flags=re.MULTILINE)
    return re.sub(
        r"server web:8000 resolve(.*;)",
        lambda line: "\n".join(f"server 127.0.0.1:{port}{line[1]}" for port in webs),
        named,
    )


def _relocated(text: str, directory: Path) -> str:
    """Moves every path outside of the configuration into this directory."""
    for place in OUTSIDE:
        text = text.replace(f" {place}", f" {directory}/")
    text = text.replace("/dev/stderr", f"{directory}/error.log")
    return text.replace("/dev/stdout", f"{directory}/access.log")


def _directives() -> str:
    """Keeps root's account, since nginx's own account could not read the test's files."""
    return "daemon off; user root;" if os.geteuid() == 0 else "daemon off;"


def certify(directory: Path) -> None:
    """Creates the self-signed certificate with the deployment's own script."""
    installed("openssl")
    subprocess.run([DEPLOY / "compose" / "secrets.sh", "localhost", directory], check=True)


def make_certificate(directory: Path, *, days: int) -> Path:
    """Returns a certificate of localhost that ends in so many days; its key is beside it."""
    directory.mkdir()
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", directory / "tls_key", "-out", directory / "tls_certificate"]
    made = [installed("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", days]
    subprocess.run([*map(str, made), *names, *files], check=True, capture_output=True)
    return directory / "tls_certificate"
