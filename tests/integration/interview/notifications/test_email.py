"""E-mails as a real SMTP server receives them, and the outcome of those it rejects."""

from __future__ import annotations

import logging
import socket
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from interview import services
from interview.models import Delivery, Interview, NoticeSettings
from interview.notifications import outbox, sender
from interview.notifications.email import smtp_sender
from interview.notifications.planning import notify
from interview.services.messages import message_send_test
from jobs.merging.diff import digest_of, records_of
from jobs.merging.execute import candidates_merge
from jobs.models import Candidate, PersonalSettings
from realtime.circuit_breaker import CircuitBreaker
from tests.factories import NOBODY, make_application, make_candidate, make_interview, make_room
from tests.support.clients.calendar_client import CalendarClient, calendar_part
from tests.support.external.smtp_server import TIMEOUT_SECONDS
from tests.support.product.clock import Clock, frozen

pytestmark = pytest.mark.django_db
CANDIDATE = "li@example.org"


@pytest.fixture(autouse=True)
def _rested_server(monkeypatch):
    monkeypatch.setattr(smtp_sender, "server", CircuitBreaker(smtp_sender.PAUSE.total_seconds()))


@pytest.fixture
def interview(campaign, wu) -> Interview:
    """Next Wednesday at 14:00 in Beijing; no e-mail has been sent yet."""
    candidate = make_candidate(name="李小龙", email=CANDIDATE)
    return make_interview(
        application=make_application(campaign=campaign, candidate=candidate),
        room=make_room(campaign=campaign, name="A-303", directions="Third floor"),
        starts_at=datetime(2026, 12, 2, 6, 0, tzinfo=UTC),
        interviewers=[wu],
    )


@pytest.fixture
def clock():
    with frozen(datetime(2026, 11, 25, 4, 0, tzinfo=UTC)) as clock:
        yield clock


def deliver() -> None:
    sender.deliver("email")


def later(clock: Clock, **by: float) -> None:
    """Deliver after a pause, with the circuit breaker closed again."""
    clock.shift(**by)
    smtp_sender.server = CircuitBreaker(smtp_sender.PAUSE.total_seconds())
    deliver()


def states() -> dict[str, int]:
    counts: dict[str, int] = {}
    for state in Delivery.objects.filter(channel="email").values_list("state", flat=True):
        counts[state] = counts.get(state, 0) + 1
    return counts


def move(interview: Interview) -> Interview:
    interview = Interview.objects.get(pk=interview.pk)
    return services.interview_reschedule(
        interview_id=interview.pk,
        version=interview.version,
        starts_at=interview.starts_at + timedelta(hours=1),
        ends_at=interview.ends_at + timedelta(hours=1),
        actor=NOBODY,
    )


def cancel(interview: Interview) -> Interview:
    return services.interview_cancel(
        interview_id=interview.pk,
        version=Interview.objects.get(pk=interview.pk).version,
        reason="No longer wanted",
        side="company",
        actor=NOBODY,
    )


def undo(interview: Interview) -> Interview:
    version = Interview.objects.get(pk=interview.pk).version
    return services.interview_undo(interview_id=interview.pk, version=version, actor=NOBODY)


def test_interviewer_and_candidate_get_their_own_texts_over_one_connection(
    clock, smtp_server, interview, wu
):
    PersonalSettings.objects.create(user=wu, language="en")
    deliver()
    assert states() == {"sent": 2}
    assert smtp_server.connections == 1
    [to_wu], [to_candidate] = smtp_server.to("wu@example.com"), smtp_server.to(CANDIDATE)
    assert to_wu["Subject"] == "New interview: 李小龙 · 2 Dec 14:00"
    text = to_wu.get_body(("plain",)).get_content()
    assert "You interview 李小龙" in text
    assert "14:00–15:00 (Asia/Shanghai)" in text
    assert f"/interviews/{interview.pk}/" in text
    assert 'lang="en"' in to_wu.get_body(("html",)).get_content()
    assert to_candidate["Auto-Submitted"] == "auto-generated"
    assert to_candidate.get_body(("html",)).get_content().startswith("<!doctype html>")


def test_a_candidate_gets_neither_the_briefing_nor_a_link_that_needs_a_sign_in(
    clock, smtp_server, interview
):
    deliver()
    [to_candidate] = smtp_server.to(CANDIDATE)
    whole = "".join(
        part.get_content() for part in to_candidate.walk() if part.get_content_maintype() == "text"
    )
    assert "A-303" in whole
    assert "/interviews/" not in whole
    assert "scorecard" not in whole.lower()
    assert "吴" not in whole, "candidates do not learn the interviewers' names in advance"


def test_an_email_shows_times_in_the_recipients_time_zone(clock, smtp_server, interview, wu):
    NoticeSettings.objects.create(user=wu, time_zone="Europe/Berlin")
    deliver()
    [to_wu] = smtp_server.to("wu@example.com")
    assert "07:00–08:00 (Europe/Berlin)" in to_wu.get_body(("plain",)).get_content()
    event = calendar_part(to_wu).walk("VEVENT")[0]
    assert event["DTSTART"].dt.astimezone(UTC) == interview.starts_at


def test_rescheduling_keeps_the_calendar_entry_and_cancelling_removes_it_until_undo(
    clock, smtp_server, interview, wu
):
    diaries = {address: CalendarClient() for address in ("wu@example.com", CANDIDATE)}

    def replay() -> list[int]:
        later(clock, minutes=1)
        for address, diary in diaries.items():
            # The post does not keep an order.
            for one in reversed(smtp_server.to(address)):
                diary.receive(one)
        return [len(diary.entries) for diary in diaries.values()]

    assert replay() == [1, 1]
    for _ in range(3):
        move(interview)
    assert replay() == [1, 1]
    for _ in range(3):
        move(interview)
        later(clock, minutes=1)
    assert replay() == [1, 1]
    for diary in diaries.values():
        [entry] = diary.entries.values()
        assert entry["DTSTART"].dt == interview.starts_at + timedelta(hours=6)
    cancel(interview)
    assert replay() == [0, 0]
    undo(interview)
    assert replay() == [1, 1]
    assert len({uid for diary in diaries.values() for uid in diary.known}) == 2


def test_a_reassignment_moves_the_calendar_entry_to_the_new_interviewer(
    clock, smtp_server, interview, wu, zhao
):
    deliver()
    services.interview_reassign(
        interview_id=interview.pk, version=1, remove=[wu], add=[zhao], reason="Ill", actor=NOBODY
    )
    later(clock, minutes=1)
    old, new = CalendarClient(), CalendarClient()
    for one in smtp_server.to("wu@example.com"):
        old.receive(one)
    for one in smtp_server.to("zhao@example.com"):
        new.receive(one)
    assert old.known
    assert not old.entries
    assert len(new.entries) == 1


def test_a_merged_candidate_has_each_interview_once_in_their_calendar(
    clock, smtp_server, interview, lin
):
    """The removed record sent the invitation; changes come from the one that stays."""
    deliver()
    kept, goes = make_candidate(email="x@example.org"), interview.application.candidate
    records = records_of(Candidate.objects.filter(pk__in=[kept.pk, goes.pk]))
    candidates_merge(
        kept=kept.pk,
        removed=goes.pk,
        fields_from_removed=["email"],
        shown=digest_of(records),
        by=lin,
    )
    move(interview)
    later(clock, minutes=1)
    diary = CalendarClient()
    mails = smtp_server.to(CANDIDATE)
    assert len(mails) == 2
    for one in mails:
        diary.receive(one)
    assert len(diary.entries) == len(diary.known) == 1
    cancel(interview)
    later(clock, minutes=1)
    for one in smtp_server.to(CANDIDATE):
        diary.receive(one)
    assert not diary.entries


def test_a_calendar_part_follows_the_calendar_standards(clock, smtp_server, interview):
    deliver()
    [to_candidate] = smtp_server.to(CANDIDATE)
    calendar = calendar_part(to_candidate)
    event = calendar.walk("VEVENT")[0]
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("REQUEST", "CONFIRMED", 1)
    assert event["ATTENDEE"] == f"mailto:{CANDIDATE}"
    assert event["ORGANIZER"].startswith("mailto:")
    assert event.walk("VALARM")
    assert "A-303" in event["LOCATION"]
    [zone] = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Asia/Shanghai"
    assert not zone.walk("DAYLIGHT"), "there are no rules for the summer times of 1986 to 1991"


def test_an_email_that_a_busy_server_defers_is_sent_later(clock, smtp_server, interview):
    smtp_server.answers = ["451 try again later", "451 try again later"]
    deliver()
    assert states() == {"failed": 2}
    deliver()
    assert states() == {"failed": 2}, "it was not retried before its pause ended"
    later(clock, seconds=11)
    assert states() == {"sent": 2}
    assert len(smtp_server.mails) == 2


def test_a_rejected_recipient_is_given_up_with_the_reason_and_others_are_sent(
    clock, smtp_server, interview
):
    smtp_server.refused_addresses = {CANDIDATE: f"550 5.1.1 <{CANDIDATE}> is unknown here"}
    deliver()
    assert states() == {"dead": 1, "sent": 1}
    dead = Delivery.objects.get(state="dead")
    assert dead.reason == "recipient_refused"
    assert "is unknown here" in dead.answer
    assert CANDIDATE not in dead.answer, "anonymising the candidate would not remove it"


def test_an_email_rejected_for_its_content_is_given_up(clock, smtp_server, interview):
    smtp_server.answers = ["554 looks like spam"]
    deliver()
    assert states() == {"dead": 1, "sent": 1}
    assert Delivery.objects.get(state="dead").reason == "content_refused"


def test_an_email_that_may_have_arrived_at_a_hanging_server_is_not_sent_twice(
    clock, smtp_server, interview, settings
):
    settings.EMAIL_TIMEOUT = 0.5
    smtp_server.answers = ["hang"]
    deliver()
    assert states() == {"dead": 1, "queued": 1}
    assert Delivery.objects.get(state="dead").reason == "unknown"
    settings.EMAIL_TIMEOUT = TIMEOUT_SECONDS
    later(clock, minutes=1)
    assert states() == {"dead": 1, "sent": 1}
    assert len(smtp_server.mails) == 1


def test_an_unreachable_server_costs_one_attempt_and_all_is_sent_when_it_is_back(
    clock, smtp_server, interview, settings
):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9  # no server listens there
    deliver()
    assert states() == {"failed": 1, "queued": 1}
    deliver()
    assert sum(Delivery.objects.values_list("attempts", flat=True)) == 1
    settings.EMAIL_PORT = port
    later(clock, minutes=1)
    assert states() == {"sent": 2}


def test_a_server_that_accepts_the_connection_and_stays_silent_is_cut_off(
    clock, interview, settings
):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "interview.notifications.email.smtp_backend.Backend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = False, 0.5
        deliver()
    assert states() == {"failed": 1, "queued": 1}, "nothing was sent, so it is retried"
    assert Delivery.objects.get(state="failed").reason == "unreachable"


def test_an_email_that_always_fails_is_given_up(clock, smtp_server, interview):
    smtp_server.answers = ["451 busy"] * 100
    for _ in range(outbox.MAX_ATTEMPTS):
        later(clock, hours=3)
    assert states() == {"dead": 2}
    assert {dead.answer for dead in Delivery.objects.all()} == {"451 busy"}


@pytest.mark.parametrize("name", ["王\r\nBcc: all@example.com", "A\nSubject: paid", "\x00张三"])
def test_a_name_cannot_inject_headers(clock, smtp_server, interview, name):
    candidate = interview.application.candidate
    type(candidate).objects.filter(pk=candidate.pk).update(name=name.replace("\x00", "\x01"))
    deliver()
    assert states() == {"sent": 2}
    for one in smtp_server.mails:
        assert one["Bcc"] is None
        assert len(one.get_all("Subject")) == 1


def test_an_invalid_address_is_given_up_and_others_are_sent(clock, smtp_server, interview, wu):
    type(wu).objects.filter(pk=wu.pk).update(email="wu@example.com\nBcc: all@example.com")
    deliver()
    assert states() == {"dead": 1, "sent": 1}
    assert Delivery.objects.get(state="dead").reason == "address"
    assert not smtp_server.to("wu@example.com")


def test_a_deactivated_account_gets_no_email(clock, smtp_server, interview, wu):
    type(wu).objects.filter(pk=wu.pk).update(is_active=False)
    deliver()
    assert not smtp_server.to("wu@example.com")
    assert Delivery.objects.get(person=wu).reason == "no_address"


def test_an_email_that_cannot_be_built_does_not_stop_others(clock, smtp_server, interview):
    Delivery.objects.filter(candidate__isnull=False).update(facts={})
    deliver()
    assert states() == {"dead": 1, "sent": 1}


def test_a_resent_email_keeps_its_message_id(clock, smtp_server, interview, wu):
    deliver()
    message = Delivery.objects.get(person=wu)
    assert services.deliveries_resend(deliveries=[message]).again == [message]
    deliver()
    first, second = smtp_server.to("wu@example.com")
    assert first["Message-ID"] == second["Message-ID"]


def test_an_old_invitation_is_not_sent_after_its_cancellation(clock, smtp_server, interview, wu):
    deliver()
    cancel(interview)
    later(clock, minutes=1)
    old, new = Delivery.objects.filter(person=wu).order_by("pk")
    result = services.deliveries_resend(deliveries=[old, new])
    assert (result.superseded, result.again) == ([old], [new])
    preview = services.deliveries_resend(deliveries=[new], is_preview=True)
    assert preview.waiting == [new], "it is queued to be sent again already"


def test_a_failed_message_is_not_retried_after_a_newer_one_is_sent(
    clock, smtp_server, interview, wu
):
    """The first message fails after the second was written while it was being sent."""
    batch = outbox.claim(timezone.now(), channel="email", limit=1, marks_each=True)
    move(interview)
    outbox.mark_failed(batch, timezone.now(), reason="later", answer="")
    later(clock, minutes=1)
    assert Delivery.objects.get(pk=batch[0].pk).state == "withdrawn"


def test_the_log_contains_no_personal_data(clock, smtp_server, interview, caplog):
    caplog.set_level(logging.DEBUG)
    smtp_server.refused_addresses = {CANDIDATE: f"550 {CANDIDATE} is unknown"}
    deliver()
    assert any(record.action == "mail_not_sent" for record in caplog.records if "action" in record.__dict__)  # fmt: skip  # noqa: E501
    ours = [record for record in caplog.records if record.name.startswith(("interview", "django"))]
    for record in ours:
        text = f"{record.getMessage()} {record.__dict__}"
        for secret in (CANDIDATE, "李小龙", "wu@example.com"):
            assert secret not in text


def test_without_a_server_emails_are_files_and_the_delivery_says_so(
    clock, interview, settings, tmp_path
):
    settings.EMAIL_BACKEND = "interview.notifications.email.mail_files.Backend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    deliver()
    written = list((tmp_path / "mail").iterdir())
    assert [file.read_text().count("Message-ID") for file in written] == [1, 1]
    assert {file.stat().st_mode & 0o777 for file in written} == {0o600}
    assert (tmp_path / "mail").stat().st_mode & 0o777 == 0o700
    assert "file" in Delivery.objects.first().answer


@pytest.mark.parametrize("event", ["arrived", "reminder", "feedback_due", "late", "task_finished"])
def test_every_event_has_an_email_template(clock, smtp_server, interview, wu, event):
    deliver()
    smtp_server.mails.clear()
    NoticeSettings.objects.create(user=wu, mailed=["arrivals", "lateness", "reminders", "scorecards", "work"])  # fmt: skip  # noqa: E501
    notify(event, interview if event != "task_finished" else None, [wu.pk], occasion="once")
    deliver()
    [to_wu] = smtp_server.mails
    assert calendar_part(to_wu) is None
    assert "{" not in to_wu.get_body(("plain",)).get_content()


def test_a_test_message_says_that_it_arrives(clock, smtp_server, wu):
    message = message_send_test(channel="email", recipient="", by=wu)
    deliver()
    message.refresh_from_db()
    assert message.state == "sent"
    assert len(smtp_server.to("wu@example.com")) == 1
