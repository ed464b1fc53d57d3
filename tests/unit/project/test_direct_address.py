"""DATABASE_DIRECT_URL: connections that do not go through the pooler of DATABASE_URL."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from django.conf import settings

from tests.support.product.processes import MANAGE

pytestmark = pytest.mark.processes

POOLER = "postgresql://site@pooler/recruit?sslmode=verify-full&sslrootcert=/pooler.crt"
DIRECT = "postgresql://site@server:5433/recruit"
CODE = "import json; from realtime.session_connection import *; print(json.dumps({}))"
PARAMETERS = "{k: v for k, v in connection_parameters().items() if k != 'cursor_factory'}"


def direct_parameters(address: str) -> dict[str, object]:
    done = subprocess.run(
        [*MANAGE, "shell", "--no-imports", "-c", CODE.format(PARAMETERS)],
        env=os.environ | {"DATABASE_URL": POOLER, "DATABASE_DIRECT_URL": address},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_the_direct_address_inherits_no_parameter_of_the_pooler() -> None:
    found = direct_parameters(DIRECT)
    assert (found["host"], found["port"]) == ("server", 5433)
    assert not {"sslmode", "sslrootcert", "pool"} & found.keys()


def test_the_direct_address_keeps_the_default_timeouts_beside_parameters_of_its_own() -> None:
    found = direct_parameters(f"{DIRECT}?sslmode=require&connect_timeout=9")
    assert (found["sslmode"], found["connect_timeout"]) == ("require", 9)
    assert (found["tcp_user_timeout"], found["keepalives_idle"]) == (15_000, 10)
