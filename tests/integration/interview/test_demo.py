"""The demo data: loaded once, with something on the board at any hour."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from interview.demo import loader
from interview.live import topics
from interview.models import Interview, InterviewEvent
from interview.models.states import TRANSITIONS
from interview.services import interview_undo
from interview.services.transitions import Actor
from jobs.candidates.contacts import normalize_mobile
from jobs.models import Campaign, Candidate
from tests.support.product.clock import frozen

pytestmark = pytest.mark.django_db

PASSWORD = "a-password-for-the-demo"
AFTERNOON = datetime(2026, 11, 22, 6, 35, tzinfo=UTC)  # 14:35 in Beijing, as on the drawing
HOURS = [datetime(2026, 11, 22, hour, 5, tzinfo=UTC) for hour in (3, 9, 15, 16, 22)]


def todays_rows(slug: str = "autumn-2026") -> list[dict]:
    today = topics.today_in(Campaign.objects.get(slug=slug))[0].date().isoformat()
    return [row for row in topics.board_rows(slug) if row.get("day") == today]


def counters() -> dict[str, int]:
    return {row["name"]: row["value"] for row in topics.counter_rows("autumn-2026")}


def test_applications_are_older_than_their_interviews():
    assert loader.load(password=PASSWORD)
    planned = InterviewEvent.objects.filter(action="create").select_related(
        "interview__application"
    )
    waits = {event.at - event.interview.application.created_at for event in planned}
    assert timedelta(days=1) <= min(waits)
    assert timedelta(days=5) < max(waits) <= timedelta(days=8)


def test_in_the_afternoon_the_board_looks_like_the_design():
    with frozen(AFTERNOON):
        assert loader.load(password=PASSWORD)
        count = counters()
        flags = Counter(flag for row in todays_rows() for flag in row.get("flags", []))
        rooms = [row for row in topics.board_rows("autumn-2026") if row["kind"] == "room"]
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


@pytest.mark.parametrize("moment", HOURS, ids=lambda moment: f"{(moment.hour + 8) % 24:02}h")
def test_the_board_has_interviews_at_any_hour(moment):
    """Also at night: the day is shifted around the current time, within its date."""
    with frozen(moment):
        loader.load(password=PASSWORD)
        count = counters()
        assert count["today"] >= 110
        assert count["in_progress"] >= 5
        assert count["arrived"] >= 3
        events = InterviewEvent.objects.filter(at__gt=timezone.now())
        assert not events.exists(), "nothing has happened in the future"


def test_loading_twice_changes_nothing():
    assert loader.load(password=PASSWORD)
    before = Interview.objects.count(), User.objects.count(), Candidate.objects.count()
    assert not loader.load(password="another-password")
    assert (Interview.objects.count(), User.objects.count(), Candidate.objects.count()) == before
    assert User.objects.get(username="lin").check_password(PASSWORD)


def test_only_the_six_demo_accounts_can_sign_in():
    loader.load(password=PASSWORD)
    can = {user.username for user in User.objects.all() if user.has_usable_password()}
    assert can == {"lin", "wu", "zhao", "chen", "sun", "admin"}
    groups = {user.username: [g.name for g in user.groups.all()] for user in User.objects.all()}
    assert groups["lin"] == ["coordinator"]
    assert groups["wu"] == groups["zhao"] == ["interviewer"]
    assert groups["chen"] == ["operations"]
    assert groups["sun"] == []


def test_lin_coordinates_only_the_autumn_campaign():
    loader.load(password=PASSWORD)
    lin = User.objects.get(username="lin")
    assert Campaign.objects.count() == 2
    assert [c.slug for c in Campaign.objects.coordinated_by(lin)] == ["autumn-2026"]
    assert todays_rows("hangzhou-interns")


def test_wu_and_zhao_have_interviews_ahead():
    with frozen(AFTERNOON):
        loader.load(password=PASSWORD)
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
    loader.load(password=PASSWORD)
    mobiles = list(Candidate.objects.values_list("mobile", flat=True))
    assert all(
        mobile.startswith("+86100") and normalize_mobile(mobile) == mobile for mobile in mobiles
    )
    hosts = {email.partition("@")[2] for email in Candidate.objects.values_list("email", flat=True)}
    assert hosts == {"example.com", "example.org", "example.net"}


def test_every_history_obeys_the_state_machine():
    """Times and versions of the events increase, and the last event has the current status."""
    loader.load(password=PASSWORD)
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
    with frozen(AFTERNOON):
        loader.load(password=PASSWORD)
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


def test_without_debug_the_published_password_is_refused(
    settings: Settings,
) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match=r"^DEMO_PASSWORD must be your own"):
        call_command("load_demo")
    assert not User.objects.exists()
