"""Sending to DingTalk groups: in time, in order, once, and without personal data."""

from __future__ import annotations

from datetime import timedelta

import pytest

from interview.models import Delivery, Interview, Notification, Robot
from interview.notifications import outbox
from interview.notifications.dingtalk import client as robots
from interview.notifications.dingtalk import rate_limit
from interview.notifications.dingtalk.robot_sender import robots_with_due_messages, send_due
from tests.factories import make_application, make_candidate, make_interview, make_room
from tests.support.external.fake_dingtalk import SECRET, TOKEN, hangs, hangs_up, status
from tests.support.faults.redis_away import redis_away
from tests.support.robots import make_delivery

pytestmark = pytest.mark.django_db

WANG = "王思远"


@pytest.fixture
def interview(campaign, hour) -> Interview:
    candidate = make_candidate(campaign=campaign, name=WANG)
    application = make_application(candidate=candidate, campaign=campaign)
    starts_at = hour.now() + timedelta(hours=1, minutes=15)
    return make_interview(
        application=application,
        starts_at=starts_at,
        room=make_room(campaign=campaign, name="A-[1]"),
    )


def states() -> dict[str, int]:
    found = [delivery.state for delivery in Delivery.objects.filter(channel="dingtalk")]
    return {state: found.count(state) for state in sorted(set(found))}


def test_a_notice_in_a_group_names_event_time_and_room_and_masks_the_candidate(
    robot, dingtalk, interview
):
    delivery = make_delivery(robot, interview)
    send_due(robot)
    (message,) = dingtalk.messages
    card = message["actionCard"]
    assert card["title"] == "候选人到场", "in the language of the site, whatever the current one"
    assert "11-25 13:30 · A\\-\\[1\\] · 王**" in card["text"], "in the campaign's time zone"
    assert card["singleURL"].endswith(f"/interviews/{interview.pk}/"), "the text is not wrapped"
    for secret in (WANG, "思远", interview.application.candidate.mobile, "isAtAll", "atMobiles"):
        assert secret not in str(message)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.folded_into) == ("sent", 1, None)


def test_up_to_three_notices_are_single_messages_and_more_are_one_digest(
    robot, dingtalk, interview
):
    for _ in range(3):
        make_delivery(robot, interview)
    send_due(robot)
    assert [message["msgtype"] for message in dingtalk.messages] == ["actionCard"] * 3
    for _ in range(4):
        make_delivery(robot, interview)
    send_due(robot)
    assert dingtalk.messages[3]["msgtype"] == "markdown"
    assert dingtalk.texts[3].count("王**") == 4
    digests = Delivery.objects.exclude(folded_into=None)
    assert digests.count() == 4
    assert len({delivery.folded_into for delivery in digests}) == 1


def test_a_steady_stream_stays_within_the_rate_limit_and_all_of_it_is_sent(
    robot, dingtalk, interview, hour
):
    for _ in range(30):  # one notice every two seconds
        make_delivery(robot, interview)
        send_due(robot)
        hour.shift(seconds=2)
    sent_early = sum(text.count("王**") for text in dingtalk.texts)
    assert len(dingtalk.messages) == 18
    assert dingtalk.throttled == 0
    hour.shift(seconds=60)
    send_due(robot)
    assert sent_early < 30, "the rest waits for the rate limit"
    assert sum(text.count("王**") for text in dingtalk.texts) == 30
    assert states() == {"sent": 30}


def test_a_digest_that_dingtalk_finds_too_long_is_split(robot, dingtalk, interview, monkeypatch):
    dingtalk.next_answers.append({"errcode": 460101, "errmsg": "too long"})
    for _ in range(5):
        make_delivery(robot, interview)
    send_due(robot)
    assert [text.count("王**") for text in dingtalk.texts] == [2, 3]
    assert states() == {"sent": 5}


def test_a_digest_over_the_size_limit_is_split_before_sending(robot, dingtalk, campaign, hour):
    room = make_room(campaign=campaign, name="间" * 40)
    candidate = make_candidate(name=" ".join(["Maximiliana"] * 5))
    application = make_application(candidate=candidate, campaign=campaign)
    interview = make_interview(application=application, room=room)
    for _ in range(50):
        make_delivery(robot, interview, facts={"room": "间" * 160})
    send_due(robot)
    assert len(dingtalk.messages) > 1
    assert dingtalk.requests == len(dingtalk.messages), "DingTalk refused no message"
    assert states() == {"sent": 50}


def test_a_single_notice_that_is_too_long_is_given_up_and_the_others_are_sent(
    robot, dingtalk, interview
):
    dingtalk.next_answers.append({"errcode": 101002, "errmsg": ""})
    first, second = make_delivery(robot, interview), make_delivery(robot, interview)
    send_due(robot)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.reason, second.state) == ("dead", "too_long", "sent")


def test_an_expired_notice_is_not_sent_and_is_marked(robot, dingtalk, interview, hour):
    late = make_delivery(robot, interview, expires_at=hour.now() + timedelta(minutes=1))
    hour.shift(minutes=2)
    outbox.expire(hour.now())
    send_due(robot)
    assert dingtalk.requests == 0
    late.refresh_from_db()
    assert late.state == "expired"


@pytest.mark.parametrize(
    ("response", "reason", "words"),
    [
        ({"errcode": -1, "errmsg": "system busy"}, "busy", "忙"),
        ({"errcode": 777, "errmsg": WANG}, "unknown_code", "777"),
        (b"<html>", "not_json", "JSON"),
        (status(502), "http_error", "502"),
        (status(302, Location="http://127.0.0.1:1/"), "http_error", "302"),
        (hangs_up, "cut_off", "断"),
    ],
)
def test_a_temporary_failure_is_explained_and_retried(
    robot, dingtalk, interview, hour, response, reason, words
):
    delivery = make_delivery(robot, interview)
    dingtalk.next_answers.append(response)
    send_due(robot)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason, delivery.attempts) == ("failed", reason, 1)
    assert words in delivery.answer
    assert WANG not in delivery.answer
    send_due(robot)
    assert dingtalk.messages == [], "not before the pause ends"
    hour.shift(seconds=10)
    send_due(robot)
    assert len(dingtalk.messages) == 1
    assert states() == {"sent": 1}


def test_a_hanging_webhook_times_out_and_the_retry_says_that_it_is_one(
    robot, dingtalk, interview, hour, monkeypatch
):
    monkeypatch.setattr(robots, "READ_SECONDS", 0.2)
    first, waiting = make_delivery(robot, interview), make_delivery(robot, interview)
    dingtalk.next_answers.append(hangs)
    send_due(robot)
    first.refresh_from_db()
    waiting.refresh_from_db()
    assert (first.state, first.reason) == ("failed", "timeout")
    assert (waiting.state, waiting.attempts) == ("queued", 0), (
        "it was not attempted and is still queued"
    )
    hour.shift(seconds=10)
    send_due(robot)
    assert ["首次" in text for text in dingtalk.texts] == [True, False]


def test_an_unreachable_dingtalk_is_explained_and_retried(
    robot, dingtalk, interview, settings, hour
):
    delivery = make_delivery(robot, interview)
    with type(dingtalk)() as stopped:
        credentials = stopped.credentials
    settings.DINGTALK_ROBOTS = {"autumn": credentials}
    send_due(robot)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("failed", "unreachable")


def test_five_failures_in_a_row_pause_the_robot_and_then_one_message_is_tried(
    robot, dingtalk, interview, hour
):
    dingtalk.next_answers.extend([{"errcode": -1, "errmsg": "busy"}] * 6)
    for _ in range(5):
        make_delivery(robot, interview)
        send_due(robot)
    robot.refresh_from_db()
    assert (robot.failures, robot.rest_reason) == (5, "busy")
    make_delivery(robot, interview)
    send_due(robot)
    assert dingtalk.requests == 5, "the robot is paused"
    hour.shift(seconds=60)
    send_due(robot)
    assert dingtalk.requests == 6, "one message is tried and fails, and the robot is paused again"
    hour.shift(minutes=10)
    send_due(robot)
    robot.refresh_from_db()
    assert (robot.failures, robot.rests_until, robot.rest_reason) == (0, None, "")
    assert states() == {"sent": 6}


@pytest.mark.parametrize(
    "response", [{"errcode": 130101, "errmsg": ""}, {"errcode": 410100}, {}, status(429)]
)
def test_a_throttled_robot_is_paused_for_ten_minutes_and_nothing_is_lost(
    robot, dingtalk, interview, hour, response
):
    delivery = make_delivery(robot, interview)
    dingtalk.next_answers.append(response)
    send_due(robot)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason, delivery.attempts) == ("queued", "throttled", 0)
    make_delivery(robot, interview)
    hour.shift(minutes=9, seconds=59)
    assert robots_with_due_messages(hour.now()) == []
    send_due(robot)
    assert dingtalk.requests == 1
    hour.shift(seconds=2)
    assert robots_with_due_messages(hour.now()) == [robot]
    send_due(robot)
    assert states() == {"sent": 2}


def test_a_message_with_a_stale_signature_is_signed_again_once(robot, dingtalk, interview):
    make_delivery(robot, interview)
    dingtalk.next_answers.append({"errcode": 310000, "errmsg": "invalid timestamp"})
    send_due(robot)
    assert states() == {"sent": 1}
    assert dingtalk.requests == 2


def test_a_clock_that_stays_wrong_raises_an_alarm(robot, dingtalk, interview, hour, chen):
    dingtalk.now = lambda: hour.now() + timedelta(hours=2)
    delivery = make_delivery(robot, interview)
    send_due(robot)
    assert dingtalk.requests == 2
    robot.refresh_from_db()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == ("failed", "stale_time")
    assert robot.alarm
    assert robot.is_enabled


def test_a_wrong_secret_raises_one_alarm_that_clears_when_it_is_fixed(
    robot, dingtalk, interview, settings, hour, lin, chen, wu, caplog
):
    sound = settings.DINGTALK_ROBOTS["autumn"]
    wrong = type(sound).model_validate({"webhook": dingtalk.webhook, "secret": "SECwrong"})
    settings.DINGTALK_ROBOTS = {"autumn": wrong}
    delivery = make_delivery(robot, interview)
    for _ in range(2):
        send_due(robot)
        hour.shift(minutes=11)
    robot.refresh_from_db()
    assert "310000" in robot.alarm
    alarms = Notification.objects.filter(event="robot_alarm")
    assert {notice.recipient for notice in alarms} == {lin, chen}, (
        "each of them once, and Wu not at all"
    )
    assert "raised an alarm" in caplog.text
    settings.DINGTALK_ROBOTS = {"autumn": sound}
    send_due(robot)
    robot.refresh_from_db()
    delivery.refresh_from_db()
    assert (robot.alarm, robot.rests_until, delivery.state) == ("", None, "sent")


def test_a_robot_without_credentials_raises_an_alarm(robot, interview, settings):
    settings.DINGTALK_ROBOTS = {}
    delivery = make_delivery(robot, interview)
    send_due(robot)
    robot.refresh_from_db()
    delivery.refresh_from_db()
    assert "DINGTALK_ROBOTS" in robot.alarm
    assert (delivery.state, delivery.reason) == ("failed", "not_configured")


@pytest.mark.parametrize("code", [300001, 300005, 400101, 400013, 400102, 400106])
def test_a_removed_robot_is_disabled_until_a_person_enables_it(
    robot, dingtalk, interview, hour, lin, code
):
    delivery = make_delivery(robot, interview)
    dingtalk.next_answers.append({"errcode": code, "errmsg": ""})
    send_due(robot)
    robot.refresh_from_db()
    assert not robot.is_enabled
    assert str(code) in robot.alarm
    assert robot.rest_reason == "robot_gone", "operations staff see the reason"
    assert Notification.objects.filter(event="robot_alarm", recipient=lin).exists()
    hour.shift(hours=1)
    send_due(robot)
    assert dingtalk.requests == 1
    Robot.objects.filter(pk=robot.pk).update(is_enabled=True)
    send_due(robot)
    delivery.refresh_from_db()
    assert delivery.state == "sent", "waiting messages are sent once the robot is enabled"


def test_at_peak_times_only_urgent_notices_are_sent_at_once(robot, dingtalk, interview, hour):
    hour.shift(minutes=45)
    alarm = make_delivery(robot, interview, priority=Delivery.Priority.DAY_OF)
    make_delivery(robot, interview, event=Delivery.Event.MOVED)
    assert rate_limit.is_peak("autumn", hour.now()), (
        "this robot sends only urgent notices at this hour"
    )
    send_due(robot)
    alarm.refresh_from_db()
    assert states() == {"queued": 1, "sent": 1}
    assert alarm.state == "sent"
    hour.shift(seconds=20)
    send_due(robot)
    assert states() == {"sent": 2}


def test_without_redis_nothing_is_sent_and_nothing_is_lost(robot, dingtalk, interview, caplog):
    make_delivery(robot, interview)
    with redis_away():
        send_due(robot)
    assert (dingtalk.requests, states()) == (0, {"queued": 1})
    assert "Redis does not respond" in caplog.text
    send_due(robot)
    assert states() == {"sent": 1}


def test_neither_names_nor_credentials_are_logged_or_stored(
    robot, dingtalk, interview, caplog, hour, settings
):
    """All loggers at DEBUG, and responses of every kind."""
    caplog.set_level("DEBUG")
    make_delivery(robot, interview)
    secrets = f"{WANG} {TOKEN} {SECRET}"
    for response in (
        {"errcode": -1, "errmsg": secrets},
        secrets.encode(),
        hangs_up,
        {"errcode": 310000, "errmsg": secrets},
        {"errcode": 400101, "errmsg": secrets},
    ):
        dingtalk.next_answers.append(response)
        send_due(robot)
        hour.shift(hours=1, minutes=1)
    assert not dingtalk.next_answers
    robot.refresh_from_db()
    kept = [*Delivery.objects.values_list("answer", "reason", "facts"), robot.alarm]
    for secret in (WANG, TOKEN, SECRET):
        assert secret not in str(kept)
        assert secret not in repr(settings.DINGTALK_ROBOTS)
        ours = [r for r in caplog.records if not r.name.startswith("urllib3")]
        assert not any(secret in r.getMessage() + str(r.__dict__) for r in ours)
    assert settings.LOGGING["loggers"]["urllib3"]["level"] == "INFO", (
        "the text would reveal the token"
    )
