"""The demo data of an afternoon: the board, the accounts, the candidates and their histories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from pytest_django.plugin import DjangoDbBlocker

from interview.demo import loader
from interview.live import topics
from interview.live.counters import counter_rows
from interview.models import Interview, InterviewEvent
from interview.models.states import TRANSITIONS
from interview.rules import days
from interview.services import interview_undo
from interview.services.transitions import Actor
from jobs.candidates.contacts import normalize_mobile
from jobs.models import Campaign, Candidate
from tests.support.product.clock import frozen
from tests.support.product.database_cleanup import reset_rows
from tests.support.product.day_topics import todays_name

pytestmark = [
    pytest.mark.usefixtures("demo", "db", "afternoon"),
    pytest.mark.xdist_group("demo"),
]

PASSWORD = "a-password-for-the-demo"
AFTERNOON = datetime(2026, 11, 22, 6, 35, tzinfo=UTC)  # 14:35 in Beijing, as on the drawing


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The demo, committed: loading it is expensive, and each test rolls its own changes back."""
    with django_db_blocker.unblock():
        try:
            with frozen(AFTERNOON):
                assert loader.load(password=PASSWORD)
            yield
        finally:
            reset_rows(None)


@pytest.fixture
def afternoon(demo: None) -> Iterator[None]:
    with frozen(AFTERNOON):
        yield


def todays_rows(slug: str = "autumn-2026") -> list[dict]:
    campaign = Campaign.objects.get(slug=slug)
    today = days.today(campaign.time_zone).isoformat()
    return [row for row in topics.board_rows(todays_name(campaign)) if row.get("day") == today]


def counters() -> dict[str, int]:
    campaign = Campaign.objects.get(slug="autumn-2026")
    board = (campaign.slug, days.today(campaign.time_zone))
    return {row["name"]: row["value"] for row in counter_rows([board])[board]}


def test_applications_are_older_than_their_interviews():
    planned = InterviewEvent.objects.filter(action="create").select_related(
        "interview__application"
    )
    waits = {event.at - event.interview.application.created_at for event in planned}
    assert timedelta(days=1) <= min(waits)
    assert timedelta(days=5) < max(waits) <= timedelta(days=8)


def test_in_the_afternoon_the_board_looks_like_the_design():
    count = counters()
    flags = Counter(flag for row in todays_rows() for flag in row.get("flags", []))
    campaign = Campaign.objects.get(slug="autumn-2026")
    rooms = [row for row in topics.board_rows(todays_name(campaign)) if row["kind"] == "room"]
    assert 115 <= count["today"] <= 140
    assert count["arrived"] >= 5
    assert count["in_progress"] >= 6
    assert 2 <= count["late"] <= 8
    assert 3 <= count["feedback_due"] <= 20
    assert count["done"] >= 35
    assert count["no_show"] == 3
    for flag in (
        "overrun",
        "interviewer_missing",
        "candidate_missing",
        "declined",
        "unconfirmed",
        "clash",
    ):
        assert flags[flag], flag
    assert max(room["delay_minutes"] for room in rooms) >= 15


def test_loading_twice_changes_nothing():
    before = Interview.objects.count(), User.objects.count(), Candidate.objects.count()
    assert not loader.load(password="another-password")
    assert (Interview.objects.count(), User.objects.count(), Candidate.objects.count()) == before
    assert User.objects.get(username="lin").check_password(PASSWORD)


def test_only_the_six_demo_accounts_can_sign_in():
    can = {user.username for user in User.objects.all() if user.has_usable_password()}
    assert can == {"lin", "wu", "zhao", "chen", "sun", "admin"}
    groups = {user.username: [g.name for g in user.groups.all()] for user in User.objects.all()}
    assert groups["lin"] == ["coordinator"]
    assert groups["wu"] == groups["zhao"] == ["interviewer"]
    assert groups["chen"] == ["operations"]
    assert groups["sun"] == []


def test_lin_coordinates_only_the_autumn_campaign():
    lin = User.objects.get(username="lin")
    assert Campaign.objects.count() == 2
    assert [c.slug for c in Campaign.objects.coordinated_by(lin)] == ["autumn-2026"]
    assert todays_rows("hangzhou-interns")


def test_wu_and_zhao_have_interviews_ahead():
    for name in ("wu", "zhao"):
        user = User.objects.get(username=name)
        rows = [r for r in topics.person_rows(str(user.pk)) if r["kind"] == "interview"]
        assert sum(row["day"] == "2026-11-22" for row in rows) >= 4
        soon = [r for r in rows if r["status"] in {"arrived", "confirmed"}]
        minutes = min(
            abs((datetime.fromisoformat(r["starts_at"]) - AFTERNOON).total_seconds()) / 60
            for r in soon
        )
        assert minutes <= 15


def test_demo_phone_numbers_cannot_exist():
    mobiles = list(Candidate.objects.values_list("mobile", flat=True))
    assert all(
        mobile.startswith("+86100") and normalize_mobile(mobile) == mobile for mobile in mobiles
    )
    hosts = {email.partition("@")[2] for email in Candidate.objects.values_list("email", flat=True)}
    assert hosts == {"example.com", "example.org", "example.net"}


def test_every_history_obeys_the_state_machine():
    """Times and versions of the events increase, and the last event has the current status."""
    for interview in Interview.objects.prefetch_related("events"):
        events = list(interview.events.all())
        assert [event.version for event in events] == list(range(1, interview.version + 1))
        assert [e.at for e in events] == sorted(e.at for e in events)
        assert events[-1].to_status == interview.status
        for earlier, event in pairwise(events):
            allowed_from, to = TRANSITIONS[event.action]
            assert event.from_status == earlier.to_status
            assert event.from_status in allowed_from
            assert event.to_status == (to or event.from_status)


def test_the_last_action_of_the_demo_can_be_undone():
    arrived = Interview.objects.get(
        events__action="check-in",
        events__at__gt=AFTERNOON - timedelta(minutes=3),
        status="arrived",
        room__name="A-304",
        campaign__slug="autumn-2026",
    )
    interview_undo(
        interview_id=arrived.pk,
        version=arrived.version,
        actor=Actor(user=User.objects.get(username="lin"), source="page"),
    )
    assert Interview.objects.get(pk=arrived.pk).status == "confirmed"
