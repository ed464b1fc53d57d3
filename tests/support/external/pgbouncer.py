"""Runs a real PgBouncer in front of the PostgreSQL of the test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from project.embedded import wheel
from tests.support.external.nginx import certify
from tests.support.external.programs import free_port, listens, serving
from tests.support.product.processes import environment

CERTIFICATE = "tls_certificate"


@contextmanager
def pgbouncer(directory: Path, *, pool_mode: str, by_tls: bool = False) -> Iterator[str]:
    """Yields the DATABASE_URL of a pooler for the database of the test.

    directory: an empty one that every account may walk to. pool_mode: `transaction` or `session`.
    by_tls: it accepts only TLS, and the address has `sslrootcert` to verify its certificate.
    """
    port = free_port()
    address = urlsplit(environment()["DATABASE_URL"])
    config = directory / "pgbouncer.ini"
    config.write_text("\n".join(_settings(directory, port, pool_mode, by_tls=by_tls)) + "\n")
    account = ["-u", wheel.account().pw_name] if os.geteuid() == 0 else []
    verified = f"?sslmode=verify-full&sslrootcert={directory / CERTIFICATE}"
    with serving("pgbouncer", *account, config, ready=partial(listens, port)):
        host = f"localhost:{port}{address.path}"
        yield f"postgresql://{address.username}@{host}{verified if by_tls else ''}"


def _settings(directory: Path, port: int, pool_mode: str, *, by_tls: bool) -> Iterator[str]:
    address = urlsplit(environment()["DATABASE_URL"])
    server = {name: values[0] for name, values in parse_qs(address.query).items()}
    yield "[databases]"
    yield f"* = host={server['host']} port={server['port']} user={address.username}"
    yield "[pgbouncer]"
    yield f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir ="
    yield f"auth_type = any\npool_mode = {pool_mode}\ndefault_pool_size = 20"
    if by_tls:
        certify(directory)
        directory.chmod(0o755)  # PgBouncer may run under another account
        yield "client_tls_sslmode = require"
        yield f"client_tls_cert_file = {directory / CERTIFICATE}"
        yield f"client_tls_key_file = {directory / 'tls_key'}"
