"""E-mails as a real server receives them, and what becomes of those it does not take."""

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
from tests.support.calendar_client import Diary, calendar_part
from tests.support.clock import Clock, frozen
from tests.support.smtp_server import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db
CANDIDATE = "li@example.org"


@pytest.fixture(autouse=True)
def _rested_server(monkeypatch):
    monkeypatch.setattr(smtp_sender, "server", CircuitBreaker(smtp_sender.PAUSE.total_seconds()))


@pytest.fixture
def interview(campaign, wu) -> Interview:
    """Next Wednesday at 14:00 in Beijing; nobody has been mailed yet."""
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
    """After a pause, when the server has had its rest as well."""
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


def test_both_sides_get_their_own_words_on_one_connection(clock, post_office, interview, wu):
    PersonalSettings.objects.create(user=wu, language="en")
    deliver()
    assert states() == {"sent": 2}
    assert post_office.connections == 1
    [mine], [his] = post_office.to("wu@example.com"), post_office.to(CANDIDATE)
    assert mine["Subject"] == "New interview: 李小龙 · 2 Dec 14:00"
    text = mine.get_body(("plain",)).get_content()
    assert "You interview 李小龙" in text
    assert "14:00–15:00 (Asia/Shanghai)" in text
    assert f"/interviews/{interview.pk}/" in text
    assert 'lang="en"' in mine.get_body(("html",)).get_content()
    assert his["Auto-Submitted"] == "auto-generated"
    assert his.get_body(("html",)).get_content().startswith("<!doctype html>")


def test_a_candidate_gets_neither_briefing_nor_a_link_that_needs_a_sign_in(
    clock, post_office, interview
):
    deliver()
    [his] = post_office.to(CANDIDATE)
    whole = "".join(
        part.get_content() for part in his.walk() if part.get_content_maintype() == "text"
    )
    assert "A-303" in whole
    assert "/interviews/" not in whole
    assert "scorecard" not in whole.lower()
    assert "吴" not in whole, "who interviews is told on the day"


def test_a_person_reads_the_time_on_his_own_clock(clock, post_office, interview, wu):
    NoticeSettings.objects.create(user=wu, time_zone="Europe/Berlin")
    deliver()
    [mine] = post_office.to("wu@example.com")
    assert "07:00–08:00 (Europe/Berlin)" in mine.get_body(("plain",)).get_content()
    event = calendar_part(mine).walk("VEVENT")[0]
    assert event["DTSTART"].dt.astimezone(UTC) == interview.starts_at


def test_three_moves_leave_one_entry_a_cancellation_none_and_its_undo_brings_it_back(
    clock, post_office, interview, wu
):
    diaries = {address: Diary() for address in ("wu@example.com", CANDIDATE)}

    def replay() -> list[int]:
        later(clock, minutes=1)
        for address, diary in diaries.items():
            # The post does not keep an order.
            for one in reversed(post_office.to(address)):
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


def test_who_is_taken_off_loses_the_entry_and_who_comes_has_one(
    clock, post_office, interview, wu, zhao
):
    deliver()
    services.interview_reassign(
        interview_id=interview.pk, version=1, remove=[wu], add=[zhao], reason="Ill", actor=NOBODY
    )
    later(clock, minutes=1)
    old, new = Diary(), Diary()
    for one in post_office.to("wu@example.com"):
        old.receive(one)
    for one in post_office.to("zhao@example.com"):
        new.receive(one)
    assert old.known
    assert not old.entries
    assert len(new.entries) == 1


def test_a_merged_candidate_has_each_interview_once_in_his_calendar(
    clock, post_office, interview, lin
):
    """The entry that goes has invited him; changes come from the one that stays."""
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
    diary = Diary()
    mails = post_office.to(CANDIDATE)
    assert len(mails) == 2
    for one in mails:
        diary.receive(one)
    assert len(diary.entries) == len(diary.known) == 1
    cancel(interview)
    later(clock, minutes=1)
    for one in post_office.to(CANDIDATE):
        diary.receive(one)
    assert not diary.entries


def test_a_calendar_part_is_what_calendars_expect(clock, post_office, interview):
    deliver()
    [his] = post_office.to(CANDIDATE)
    calendar = calendar_part(his)
    event = calendar.walk("VEVENT")[0]
    assert (calendar["METHOD"], event["STATUS"], event["SEQUENCE"]) == ("REQUEST", "CONFIRMED", 1)
    assert event["ATTENDEE"] == f"mailto:{CANDIDATE}"
    assert event["ORGANIZER"].startswith("mailto:")
    assert event.walk("VALARM")
    assert "A-303" in event["LOCATION"]
    [zone] = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Asia/Shanghai"
    assert not zone.walk("DAYLIGHT"), "the summer times of 1986 to 1991"


def test_a_server_that_is_busy_gets_it_later(clock, post_office, interview):
    post_office.answers = ["451 try again later", "451 try again later"]
    deliver()
    assert states() == {"failed": 2}
    deliver()
    assert states() == {"failed": 2}, "it was tried again without a pause"
    later(clock, seconds=11)
    assert states() == {"sent": 2}
    assert len(post_office.mails) == 2


def test_a_refusal_for_good_is_given_up_in_words_and_stops_nobody_else(
    clock, post_office, interview
):
    post_office.strangers = {CANDIDATE: f"550 5.1.1 <{CANDIDATE}> is unknown here"}
    deliver()
    assert states() == {"dead": 1, "sent": 1}
    dead = Delivery.objects.get(state="dead")
    assert dead.reason == "recipient_refused"
    assert "is unknown here" in dead.answer
    assert CANDIDATE not in dead.answer, "erasing a candidate would leave it behind"


def test_a_message_refused_for_what_it_says_is_given_up(clock, post_office, interview):
    post_office.answers = ["554 looks like spam"]
    deliver()
    assert states() == {"dead": 1, "sent": 1}
    assert Delivery.objects.get(state="dead").reason == "content_refused"


def test_nobody_waits_on_a_server_that_hangs_and_what_may_have_arrived_is_not_sent_twice(
    clock, post_office, interview, settings
):
    settings.EMAIL_TIMEOUT = 0.5
    post_office.answers = ["hang"]
    deliver()
    assert states() == {"dead": 1, "queued": 1}
    assert Delivery.objects.get(state="dead").reason == "unknown"
    settings.EMAIL_TIMEOUT = PATIENCE_SECONDS
    later(clock, minutes=1)
    assert states() == {"dead": 1, "sent": 1}
    assert len(post_office.mails) == 1


def test_a_server_that_is_gone_costs_one_attempt_and_all_is_sent_when_it_is_back(
    clock, post_office, interview, settings
):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9  # nobody listens there
    deliver()
    assert states() == {"failed": 1, "queued": 1}
    deliver()
    assert sum(Delivery.objects.values_list("attempts", flat=True)) == 1
    settings.EMAIL_PORT = port
    later(clock, minutes=1)
    assert states() == {"sent": 2}


def test_a_server_that_takes_the_call_and_says_nothing_is_cut_off(clock, interview, settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "interview.notifications.email.smtp_backend.Backend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = False, 0.5
        deliver()
    assert states() == {"failed": 1, "queued": 1}, "nothing had left, so it is tried again"
    assert Delivery.objects.get(state="failed").reason == "unreachable"


def test_what_never_works_ends_among_the_given_up(clock, post_office, interview):
    post_office.answers = ["451 busy"] * 100
    for _ in range(outbox.MAX_ATTEMPTS):
        later(clock, hours=3)
    assert states() == {"dead": 2}
    assert {dead.answer for dead in Delivery.objects.all()} == {"451 busy"}


@pytest.mark.parametrize("name", ["王\r\nBcc: all@example.com", "A\nSubject: paid", "\x00张三"])
def test_a_name_cannot_write_headers(clock, post_office, interview, name):
    candidate = interview.application.candidate
    type(candidate).objects.filter(pk=candidate.pk).update(name=name.replace("\x00", "\x01"))
    deliver()
    assert states() == {"sent": 2}
    for one in post_office.mails:
        assert one["Bcc"] is None
        assert len(one.get_all("Subject")) == 1


def test_an_address_that_is_none_is_given_up_and_stops_nobody_else(
    clock, post_office, interview, wu
):
    type(wu).objects.filter(pk=wu.pk).update(email="wu@example.com\nBcc: all@example.com")
    deliver()
    assert states() == {"dead": 1, "sent": 1}
    assert Delivery.objects.get(state="dead").reason == "address"
    assert not post_office.to("wu@example.com")


def test_a_closed_account_is_not_written_to(clock, post_office, interview, wu):
    type(wu).objects.filter(pk=wu.pk).update(is_active=False)
    deliver()
    assert not post_office.to("wu@example.com")
    assert Delivery.objects.get(person=wu).reason == "no_address"


def test_one_that_cannot_be_put_into_words_stops_nobody_else(clock, post_office, interview):
    Delivery.objects.filter(candidate__isnull=False).update(facts={})
    deliver()
    assert states() == {"dead": 1, "sent": 1}


def test_a_mail_that_comes_again_can_be_recognised(clock, post_office, interview, wu):
    deliver()
    message = Delivery.objects.get(person=wu)
    assert services.deliveries_resend(deliveries=[message]).again == [message]
    deliver()
    first, second = post_office.to("wu@example.com")
    assert first["Message-ID"] == second["Message-ID"]


def test_an_old_invitation_is_not_sent_after_its_cancellation(clock, post_office, interview, wu):
    deliver()
    cancel(interview)
    later(clock, minutes=1)
    old, new = Delivery.objects.filter(person=wu).order_by("pk")
    answer = services.deliveries_resend(deliveries=[old, new])
    assert (answer.superseded, answer.again) == ([old], [new])
    preview = services.deliveries_resend(deliveries=[new], is_preview=True)
    assert preview.waiting == [new], "it waits to be sent again already"


def test_a_message_that_waited_too_long_is_not_sent_once_a_newer_one_is(
    clock, post_office, interview, wu
):
    """Staged: the first is being sent when the second is written, and then fails."""
    batch = outbox.claim(timezone.now(), channel="email", limit=1, marks_each=True)
    move(interview)
    outbox.mark_failed(batch, timezone.now(), reason="later", answer="")
    later(clock, minutes=1)
    assert Delivery.objects.get(pk=batch[0].pk).state == "withdrawn"


def test_the_log_holds_nothing_personal(clock, post_office, interview, caplog):
    caplog.set_level(logging.DEBUG)
    post_office.strangers = {CANDIDATE: f"550 {CANDIDATE} is unknown"}
    deliver()
    assert any(record.action == "mail_not_sent" for record in caplog.records if "action" in record.__dict__)  # fmt: skip  # noqa: E501
    ours = [record for record in caplog.records if record.name.startswith(("interview", "django"))]
    for record in ours:
        said = f"{record.getMessage()} {record.__dict__}"
        for secret in (CANDIDATE, "李小龙", "wu@example.com"):
            assert secret not in said


def test_without_a_server_mails_are_files_and_the_record_says_so(
    clock, interview, settings, tmp_path
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    deliver()
    [written] = tmp_path.iterdir()
    assert "BEGIN:VCALENDAR" not in written.name
    assert written.read_text().count("Message-ID") == 2
    assert "file" in Delivery.objects.first().answer


@pytest.mark.parametrize("event", ["arrived", "reminder", "feedback_due", "late", "task_finished"])
def test_every_event_has_a_letter(clock, post_office, interview, wu, event):
    deliver()
    post_office.mails.clear()
    NoticeSettings.objects.create(user=wu, mailed=["arrivals", "lateness", "reminders", "scorecards", "work"])  # fmt: skip  # noqa: E501
    notify(event, interview if event != "task_finished" else None, [wu.pk], occasion="once")
    deliver()
    [mine] = post_office.mails
    assert calendar_part(mine) is None
    assert "{" not in mine.get_body(("plain",)).get_content()


def test_a_test_message_says_that_it_arrives(clock, post_office, wu):
    message = message_send_test(channel="email", recipient="", by=wu)
    deliver()
    message.refresh_from_db()
    assert message.state == "sent"
    assert len(post_office.to("wu@example.com")) == 1
