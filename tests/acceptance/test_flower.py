"""Flower shows and stops everybody's tasks, so it opens only with its password."""

from __future__ import annotations

import socket

import httpx
import pytest

from project.celery import app
from project.running import flower
from tests.support.product.processes import Running, Site, environment
from tests.support.wait import until

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

PASSWORD = "a-password-for-flower"


def test_flower_opens_with_its_password_and_not_without(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    chosen = settings_with(monkeypatch, port)
    process = Running("flower", flower.command(), environment() | chosen | flower.environment())
    site.running.append(process)
    address = f"http://127.0.0.1:{port}"
    until(lambda: answers(address) or not process.is_alive())
    for path in ("/", "/workers", "/api/workers", "/api/tasks"):
        assert httpx.get(f"{address}{path}").status_code == 401, path
    wrong = (flower.USER, "recruit-demo")
    assert httpx.get(f"{address}/workers", auth=wrong).status_code == 401
    right = (flower.USER, PASSWORD)
    assert httpx.get(f"{address}/workers", auth=right).status_code == 200
    assert PASSWORD not in " ".join(flower.command()), "a process list would show it"
    assert PASSWORD not in flower.sentence()


def test_a_worker_answers_every_inspection_of_flower_and_tells_no_settings(site: Site) -> None:
    worker = site.start("worker")
    # A worker that has just started may not listen yet, and a question to nobody is lost.
    until(lambda: app.control.inspect(timeout=1, limit=1).ping())
    inspect = app.control.inspect(timeout=10, limit=1)
    for command in ("stats", "active_queues", "registered", "scheduled", "active", "reserved"):
        [answer] = getattr(inspect, command)().values()
        assert "error" not in answer, command
    assert list(inspect.conf().values()) == [{}]
    assert "Traceback" not in worker.output


def settings_with(monkeypatch: pytest.MonkeyPatch, port: int) -> dict[str, str]:
    """Sets Flower's settings in this process; returns the variables for another one."""
    for name, value in {"flower_port": port, "flower_password": PASSWORD}.items():
        monkeypatch.setattr(flower.settings.ENVIRONMENT, name, value)
    return {"FLOWER_PASSWORD": PASSWORD}


def answers(address: str) -> bool:
    try:
        return bool(httpx.get(f"{address}/healthcheck").status_code)
    except httpx.TransportError:
        return False
