"""In-app notices: written once with their change, in the recipient's language."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from interview import services
from interview.live.notices import NOTICE_LIST_SIZE
from interview.live.topics import person_rows
from interview.models import Interview, Notification, RoundTemplate
from interview.notifications.in_app.notices import notice_text
from interview.notifications.planning import notify
from interview.services.transitions import Actor
from jobs.models import PersonalSettings
from realtime.log import topics
from tests.factories import (
    NOBODY,
    make_application,
    make_candidate,
    make_interview,
    make_notice,
    make_room,
)
from tests.support.product.relay import publish_all

pytestmark = pytest.mark.django_db


def events_of(person) -> list[str]:
    return list(
        Notification.objects.filter(recipient=person).order_by("pk").values_list("event", flat=True)
    )


def test_an_interviewer_gets_notices_from_the_assignment_to_the_scorecard(wu):
    make_interview(interviewers=[wu], status="feedback_due")
    assert events_of(wu) == ["assigned", "arrived", "feedback_due"]


def test_interviewers_who_declined_get_no_further_notices(wu, zhao):
    interview = make_interview(interviewers=[wu, zhao])
    services.interview_decline(
        interview_id=interview.pk, version=1, reason="Ill", actor=Actor(user=wu, source="page")
    )
    services.interview_check_in(interview_id=interview.pk, version=2, actor=NOBODY)
    assert events_of(wu) == ["assigned"]
    assert events_of(zhao) == ["assigned", "arrived"]


def test_colleagues_of_a_late_interviewer_get_a_notice_and_the_late_one_does_not(wu, zhao):
    interview = make_interview(interviewers=[wu, zhao])
    services.interview_running_late(
        interview_id=interview.pk, version=1, minutes=10, actor=Actor(user=wu, source="page")
    )
    assert events_of(wu) == ["assigned"]
    assert events_of(zhao) == ["assigned", "late"]


def test_each_version_is_announced_once(wu):
    interview = make_interview(interviewers=[wu])
    for _ in range(2):
        notify("reminder", interview, [wu.pk, wu.pk])
    assert events_of(wu) == ["assigned", "reminder"]


@pytest.mark.parametrize(
    ("language", "phrase"),
    [
        ("en", "You interview 李小龙 at 25 Nov 14:00 in A-303."),
        ("zh-hans", "11月25日 14:00"),
    ],
)
def test_a_notice_is_in_the_recipients_language_and_the_campaigns_time_zone(
    campaign, wu, clock, language, phrase
):
    PersonalSettings.objects.create(user=wu, language=language)
    interview = make_interview(
        application=make_application(campaign=campaign, candidate=make_candidate(name="李小龙")),
        room=make_room(campaign=campaign, name="A-303"),
        starts_at=datetime(2026, 11, 25, 6, 0, tzinfo=UTC),
        interviewers=[wu],
    )
    text = notice_text(Notification.objects.get(interview=interview))
    assert phrase in text
    for part in ("李小龙", "A-303"):
        assert part in text


def test_every_event_has_a_sentence_that_fits_its_placeholders(subtests, wu):
    interview = make_interview(interviewers=[wu])
    for event in Notification.Event.values:
        with subtests.test(event=event):
            text = notice_text(make_notice(interview=interview, recipient=wu, event=event))
            assert text
            assert "{" not in text


def test_only_the_recipient_marks_a_notice_as_read_and_it_is_announced(wu, zhao):
    make_interview(interviewers=[wu, zhao])
    publish_all()
    assert services.notices_read(recipient=wu) == 1
    assert {batch.topic for batch in publish_all()} == {topics.person(wu.pk)}
    assert services.notices_read(recipient=wu) == 0
    foreign = Notification.objects.get(recipient=zhao)
    assert services.notices_read(recipient=wu, ids=[foreign.pk]) == 0
    assert Notification.objects.get(pk=foreign.pk).read_at is None


def test_a_page_shows_the_newest_notices(wu):
    interview = make_interview(interviewers=[wu])
    for _ in range(NOTICE_LIST_SIZE + 5):
        newest = make_notice(interview=interview, recipient=wu)
    rows = [row for row in person_rows(str(wu.pk)) if row["kind"] == "notice"]
    assert len(rows) == NOTICE_LIST_SIZE
    assert rows[0]["id"] == newest.pk


def test_a_notice_and_its_change_are_one_transaction(wu, monkeypatch):
    """A failure after the notice rolls the notice back."""
    interview = make_interview(interviewers=[wu], status="in_progress")
    monkeypatch.setattr(services.interview_day, "notify", _notify_then_fail)
    with pytest.raises(ZeroDivisionError):
        services.interview_finish(
            interview_id=interview.pk, version=interview.version, actor=NOBODY
        )
    assert "feedback_due" not in events_of(wu)
    assert Interview.objects.get(pk=interview.pk).status == "in_progress"
    assert RoundTemplate.objects.exists()


def _notify_then_fail(*arguments) -> None:
    notify(*arguments)
    raise ZeroDivisionError
