"""`manage.py check --deploy` accepts a correct production setup; insecure ones do not start."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from django.conf import global_settings
from django.conf import settings as django_settings
from django.utils.module_loading import import_string

from tests.support.product.processes import MANAGE

pytestmark = pytest.mark.processes

UNREACHABLE = "127.0.0.1:1"
ROBOT = (
    '{"operations": {"webhook": "https://oapi.dingtalk.com/robot/send?access_token=0f", '
    '"secret": "SEC0f"}}'
)


@pytest.fixture
def production(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "static").mkdir()
    return {
        "DEBUG": "no",
        "SECRET_KEY": "7XqWvJ0nR4-hL2mZc8sTd5yKfB1gPuEa9oViQrN3wMtC6xUkHj_bSzGpYl",
        "ALLOWED_HOSTS": "board.example.com",
        "TRUSTED_ORIGINS": "https://board.example.com",
        "DATABASE_URL": f"postgresql://recruit@{UNREACHABLE}/recruit",
        "REDIS_URL": f"redis://{UNREACHABLE}/0",
        "DATA_DIR": str(tmp_path),
        "TLS_PROXY": "yes",
        "ALERTS_TOKEN": "alertmanager-may-post",
        "DINGTALK_ROBOTS": ROBOT,
    }


def checked(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the check in its own process, as a deployment does; warnings fail it."""
    return subprocess.run(
        [*MANAGE, "check", "--deploy", "--fail-level", "WARNING", "--no-color"],
        env=os.environ | environment,
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def test_cookies_are_bound_to_https_and_to_this_host_in_production_only(
    production: dict[str, str],
) -> None:
    names = "print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)"
    code = f"from django.conf import settings; {names}"

    def cookies(environment: dict[str, str]) -> str:
        command = [*MANAGE, "shell", "--no-imports", "-c", code]
        return subprocess.run(
            command,
            env=os.environ | environment,
            cwd=django_settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    assert cookies(production) == "__Host-sessionid __Host-csrftoken"
    assert cookies(production | {"DEBUG": "yes"}) == "sessionid csrftoken"


def test_a_correct_production_setup_has_no_warnings(
    production: dict[str, str],
) -> None:
    done = checked(production)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("System check identified no issues (")


def test_a_site_without_tls_gets_warnings(production: dict[str, str]) -> None:
    done = checked(production | {"TLS_PROXY": "no", "HSTS_SECONDS": "0"})
    assert done.returncode == 1
    assert "security.W004" in done.stderr
    assert "security.W008" in done.stderr


def test_a_site_with_insecure_settings_does_not_start(production: dict[str, str]) -> None:
    """Which settings are insecure is tested with the environment."""
    done = checked(production | {"ALLOWED_HOSTS": "*"})
    assert done.returncode != 0
    assert done.stderr.splitlines()[-1].startswith(("django.core.exceptions", "ALLOWED_HOSTS"))
    assert "ALLOWED_HOSTS" in done.stderr.splitlines()[-1]


def test_stored_passwords_take_an_attacker_long_to_guess() -> None:
    """OWASP ASVS 4.0.3, 2.4.1 to 2.4.3."""
    from project import settings as production

    chosen = getattr(production, "PASSWORD_HASHERS", global_settings.PASSWORD_HASHERS)[0]
    hasher = import_string(chosen)()
    assert hasher.algorithm == "pbkdf2_sha256"
    assert hasher.iterations >= 310_000
    assert hasher.salt_entropy >= 32
    salts = {hasher.encode("same", hasher.salt(), iterations=1).split("$")[2] for _ in range(9)}
    assert len(salts) == 9, "equal passwords have different hashes"
