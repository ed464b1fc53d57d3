"""The embedded servers are shared by all processes that use them, and stopped by the last."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from project.embedded import EmbeddedError, database_url, postgresql, redis_url, valkey
from project.embedded.locations import places
from project.embedded.sharing import embedded_servers
from tests.support.product.processes import MANAGE, Running

UNREACHABLE_DATABASE = "postgresql://nobody@127.0.0.1:1/none"
USER_PROCESS = """
import sys, time
from pathlib import Path
from project.embedded.sharing import embedded_servers
with embedded_servers(Path(sys.argv[1]), durable=False):
    print("in use", flush=True)
    sys.stdin.read()
"""


def number_of_servers(data_dir: Path) -> int:
    at = places(data_dir)
    return postgresql.is_running(at) + valkey.is_running(at)


def process_using(data_dir: Path) -> subprocess.Popen[str]:
    """Another process that uses the servers until its input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER_PROCESS, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "in use\n"
    return process


def test_the_data_directory_is_closed_to_other_accounts(data_dir: Path) -> None:
    """As root, PostgreSQL's own account must walk through it; it cannot list it."""
    data_dir.mkdir(exist_ok=True)
    data_dir.chmod(0o755)
    with embedded_servers(data_dir, names=("Valkey",)):
        mode = stat.S_IMODE(data_dir.stat().st_mode)
    assert mode == (0o711 if os.geteuid() == 0 else 0o700)
    assert stat.S_IMODE((data_dir / "sockets").stat().st_mode) == 0o700


def test_the_data_directory_of_a_site_with_its_own_servers_is_closed_too(data_dir: Path) -> None:
    data_dir.mkdir(exist_ok=True)
    data_dir.chmod(0o755)
    env = {"DATABASE_URL": UNREACHABLE_DATABASE, "REDIS_URL": "redis://127.0.0.1:1/0"}
    command = Running("migrate", [*MANAGE, "migrate"], env | {"DATA_DIR": str(data_dir)})
    command.wait()
    assert "connection failed" in command.output, "it came as far as the database"
    assert stat.S_IMODE(data_dir.stat().st_mode) == (0o711 if os.geteuid() == 0 else 0o700)


def test_the_last_user_stops_the_servers_and_the_data_is_kept(data_dir: Path) -> None:
    with embedded_servers(data_dir):
        with embedded_servers(data_dir), psycopg.connect(database_url(data_dir)) as database:
            database.execute("CREATE TABLE kept AS SELECT 'still here' AS note")
        assert number_of_servers(data_dir) == 2, "the outer block still uses them"
        with redis.Redis.from_url(redis_url(data_dir)) as server:
            server.rpush("queue", "message")
    assert number_of_servers(data_dir) == 0
    with embedded_servers(data_dir):
        with psycopg.connect(database_url(data_dir)) as database:
            assert database.execute("SELECT note FROM kept").fetchone() == ("still here",)
        with redis.Redis.from_url(redis_url(data_dir)) as server:
            assert server.lrange("queue", 0, -1) == [b"message"]


def test_servers_of_a_killed_process_are_reused(data_dir: Path) -> None:
    with process_using(data_dir) as killed:
        pid = (places(data_dir).postgresql / "postmaster.pid").read_text().split()[0]
        killed.send_signal(signal.SIGKILL)
    assert number_of_servers(data_dir) == 2, "a killed process cannot clean up"
    with embedded_servers(data_dir, durable=False):
        reused = (places(data_dir).postgresql / "postmaster.pid").read_text().split()[0]
        assert reused == pid
    assert number_of_servers(data_dir) == 0


def test_killed_servers_are_started_again(data_dir: Path) -> None:
    with process_using(data_dir) as process:
        postmaster = int((places(data_dir).postgresql / "postmaster.pid").read_text().split()[0])
        with redis.Redis.from_url(redis_url(data_dir)) as server:
            os.kill(server.info("server")["process_id"], signal.SIGKILL)
        os.kill(postmaster, signal.SIGKILL)
        process.send_signal(signal.SIGKILL)
    with embedded_servers(data_dir):
        assert number_of_servers(data_dir) == 2


def test_a_directory_that_cannot_be_written_is_reported_in_one_sentence(tmp_path: Path) -> None:
    occupied = tmp_path / "a-file"
    occupied.touch()
    with pytest.raises(EmbeddedError, match=r"^\S+a-file cannot be written: .+\.$"):
        embedded_servers(occupied).__enter__()
