"""The pages of boards and wall screens: access and content."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from interview.rules import days
from jobs.models import Campaign
from tests.factories import (
    make_application,
    make_campaign,
    make_candidate,
    make_interview,
    make_member,
)
from tests.people import signed_in

pytestmark = pytest.mark.postgres

BOARD = "/board/autumn/"
WALL = "/board/autumn/wall/"


def config_of(page: str, name: str) -> dict[str, Any]:
    match = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', page, re.S)
    assert match, "the page has no configuration"
    return dict(json.loads(match[1]))


def make_interview_today(campaign: Campaign, name: str) -> None:
    """Create an interview of a candidate of this name, today at noon in the campaign's zone."""
    application = make_application(campaign=campaign, candidate=make_candidate(name=name))
    noon = days.today_bounds(campaign.time_zone)[0] + timedelta(hours=12)
    make_interview(application=application, starts_at=noon)


def test_the_board_page_has_its_scripts_configuration_but_no_rows(
    client: Client, lin: User, campaign: Campaign
) -> None:
    make_interview_today(campaign, "李小龙")
    page = signed_in(client, lin).get(BOARD, headers={"accept-language": "en"}).content.decode()
    config = config_of(page, "board-config")
    assert config["campaign"]["slug"] == "autumn"
    assert config["socket"] == "/ws/board/autumn/"
    assert config["user"] == {"id": lin.pk, "name": "林岚", "initials": "林岚"}
    assert config["transitions"]["finish"] == {"from": ["in_progress"], "to": "feedback_due"}
    assert [one["number"] for one in config["rounds"]] == [1, 2, 3]
    assert config["today"] == days.today(campaign.time_zone).isoformat()
    assert "李小龙" not in page


def test_every_text_the_scripts_use_is_sent(client: Client, lin: User) -> None:
    page = signed_in(client, lin).get(BOARD).content.decode()
    config = config_of(page, "board-config")
    assert set(config["statuses"]) >= set(config["transitions"]["start"]["from"])
    assert text_keys_in("board") - {*config["texts"]} == set()
    wall = config_of(client.get(WALL).content.decode(), "wall-config")
    assert text_keys_in("wall") - {*wall["texts"]} == set()


def text_keys_in(folder: str) -> set[str]:
    """The text keys that the scripts of this folder use."""
    found = finders.find(f"interview/{folder}")
    assert isinstance(found, str)
    sources = [path.read_text() for path in Path(found).rglob("*.js")]
    assert sources
    return {key for source in sources for key in re.findall(r'\bt\("([\w-]+)"', source)}


@pytest.mark.parametrize("path", [BOARD, WALL, f"{BOARD}?plain=1"])
def test_coordinators_of_other_campaigns_get_404_for_a_board(
    client: Client, lin: User, sun: User, path: str
) -> None:
    make_member(make_campaign(), sun)
    assert signed_in(client, lin).get(path).status_code == 200
    assert signed_in(Client(), sun).get(path).status_code == 404
    assert client.get("/board/nowhere/").status_code == 404


@pytest.mark.parametrize("path", ["/board/", BOARD, WALL])
def test_visitors_are_redirected_to_sign_in_and_back(
    client: Client, campaign: Campaign, path: str
) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/accounts/login/?next={path}"


@pytest.mark.parametrize("path", ["/board/", BOARD, WALL])
def test_a_board_refuses_post(client: Client, lin: User, path: str) -> None:
    assert signed_in(client, lin).post(path).status_code == 405


def test_a_wall_account_sees_the_wall_and_not_the_board(
    client: Client, campaign: Campaign, sun: User
) -> None:
    make_member(campaign, sun, role="wall")
    signed_in(client, sun)
    assert client.get(WALL).status_code == 200
    assert client.get(BOARD).status_code == 404


class TestBoards:
    def test_a_coordinator_with_one_board_is_redirected_to_it(
        self, client: Client, lin: User
    ) -> None:
        assert signed_in(client, lin).get("/board/").headers["Location"] == BOARD

    def test_of_several_boards_the_one_with_interviews_today_is_opened(
        self, client: Client, lin: User, campaign: Campaign
    ) -> None:
        make_member(make_campaign(), lin)
        assert signed_in(client, lin).get("/board/").status_code == 200
        make_interview_today(campaign, "李小龙")
        assert client.get("/board/").headers["Location"] == BOARD
        listed = client.get("/board/?all=1")
        assert listed.status_code == 200
        assert listed.content.decode().count('href="/board/') >= 4

    def test_a_coordinator_without_a_campaign_sees_an_empty_state(
        self, client: Client, lin: User, campaign: Campaign
    ) -> None:
        campaign.members.all().delete()
        assert 'class="card empty"' in signed_in(client, lin).get("/board/").content.decode()

    def test_interviewers_may_not_open_boards(self, client: Client, wu: User) -> None:
        assert signed_in(client, wu).get("/board/").status_code == 403


class TestBoardWithoutScripts:
    """The board as rendered by the server for browsers without scripts."""

    def test_the_board_shows_the_requested_day(
        self, client: Client, lin: User, campaign: Campaign
    ) -> None:
        make_interview_today(campaign, "李小龙")
        signed_in(client, lin)
        assert "李小龙" in client.get(f"{BOARD}?plain=1").content.decode()
        tomorrow = (days.today(campaign.time_zone) + days.DAY).isoformat()
        assert "李小龙" not in client.get(f"{BOARD}?plain=1&day={tomorrow}").content.decode()

    @pytest.mark.parametrize("day", ["", "yesterday", "2026-02-30"])
    def test_an_invalid_day_shows_today(
        self, client: Client, lin: User, campaign: Campaign, day: str
    ) -> None:
        make_interview_today(campaign, "李小龙")
        response = signed_in(client, lin).get(f"{BOARD}?plain=1&day={day}")
        assert "李小龙" in response.content.decode()

    def test_the_number_of_queries_does_not_grow_with_the_interviews(
        self, client: Client, lin: User, campaign: Campaign, django_assert_num_queries: Any
    ) -> None:
        signed_in(client, lin)
        make_interview_today(campaign, "李小龙")
        expected = count_queries(client)
        for number in range(3):
            make_interview_today(campaign, f"王{number}")
        with django_assert_num_queries(expected):
            client.get(f"{BOARD}?plain=1")


def count_queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        client.get(f"{BOARD}?plain=1")
    return len(queries)
