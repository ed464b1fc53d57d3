"""Internal paths accept any host name; pages accept only those of the site."""

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def _named(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["board.example.com"]


@pytest.mark.usefixtures("_named")
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/metrics/site"])
@pytest.mark.parametrize("name", ["10.0.0.7:8000", "web:8000", "board.example.com"])
def test_internal_paths_accept_any_host_name(path: str, name: str) -> None:
    response = Client().get(path, headers={"Host": name}, REMOTE_ADDR="127.0.0.1")
    assert response.status_code != 400


@pytest.mark.usefixtures("_named")
@pytest.mark.parametrize("path", ["/accounts/login/", "/", "/healthzs", "/jobs/"])
def test_pages_reject_unknown_host_names(path: str) -> None:
    assert Client().get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 400
    assert Client().get(path, headers={"Host": "board.example.com"}).status_code != 400


@pytest.mark.usefixtures("_named")
def test_alertmanager_is_rejected_for_its_token_not_for_the_host_name() -> None:
    assert Client().post("/alerts/dingtalk/", headers={"Host": "web:8000"}).status_code in {
        401,
        403,
    }
