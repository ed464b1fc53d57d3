"""DingTalk test messages from the admin and the shell, with the response."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from interview.models import Delivery, Robot
from interview.notifications.dingtalk import rate_limit
from interview.notifications.dingtalk.robot_sender import send_due
from tests.factories import make_campaign
from tests.people import signed_in
from tests.support.external.fake_dingtalk import SLOW_DOWN, TOKEN

pytestmark = pytest.mark.django_db


def page(robot: Robot) -> str:
    return reverse("admin:interview_robot_test", args=[robot.pk])


def command_output(name: str = "autumn") -> str:
    out = StringIO()
    call_command("send_test_message", robot=name, stdout=out)
    return out.getvalue()


def test_a_coordinator_sends_a_test_message_and_reads_the_response(
    client, lin, robot, dingtalk, hour
):
    signed_in(client, lin)
    assert client.post(page(robot)).status_code == 302
    assert dingtalk.requests == 0, "a worker sends it, not the request"
    assert 'http-equiv="refresh"' in client.get(page(robot)).content.decode(), "it is queued"
    send_due(robot)
    shown = client.get(page(robot)).content.decode()
    assert "已发送" in shown
    assert 'http-equiv="refresh"' not in shown
    assert TOKEN not in shown


def test_a_refused_test_message_ends_with_the_reason(client, lin, robot, dingtalk, hour):
    signed_in(client, lin)
    dingtalk.next_answers.append({"errcode": 400102, "errmsg": "robot stopped"})
    client.post(page(robot))
    send_due(robot)
    assert "400102" in client.get(page(robot)).content.decode()
    assert Delivery.objects.get().state == "dead", "it is not retried automatically"
    client.post(page(robot))
    send_due(robot)
    assert Delivery.objects.filter(state="sent").count() == 1, "also to a disabled robot"
    robot.refresh_from_db()
    assert robot.alarm == "", "the alarm is cleared"
    assert not robot.is_enabled, "only staff can enable the robot again"


def test_repeated_clicks_send_one_test_message_within_the_rate_limit(
    client, lin, robot, dingtalk, hour
):
    signed_in(client, lin)
    for _ in range(3):
        client.post(page(robot))
    assert Delivery.objects.count() == 1
    while rate_limit.consume("autumn"):
        pass
    send_due(robot)
    assert dingtalk.requests == 0, "the rate limit of this minute is used up"
    hour.shift(seconds=61)
    send_due(robot)
    assert len(dingtalk.messages) == 1


def test_test_messages_need_permission_and_a_robot_of_the_users_campaigns(
    client, lin, wu, sun, chen, robot, hour
):
    elsewhere = Robot.objects.create(name="winter", campaign=make_campaign())
    for person, here, there in [(lin, 200, 404), (wu, 403, 403), (sun, 302, 302), (chen, 200, 200)]:
        client.logout()
        signed_in(client, person)
        assert client.get(page(robot)).status_code == here, person
        assert client.get(page(elsewhere)).status_code == there, person
        client.post(page(elsewhere))
    assert not Delivery.objects.exclude(robot=elsewhere).exists()
    assert Delivery.objects.count() == 1, "only Chen has sent one"


def test_the_list_shows_the_alarm_and_operations_can_enable_the_robot(
    client, chen, lin, robot, hour
):
    Robot.objects.filter(pk=robot.pk).update(is_enabled=False, alarm="The robot is gone.")
    signed_in(client, lin)
    listed = client.get(reverse("admin:interview_robot_changelist")).content.decode()
    assert "The robot is gone." in listed
    change = reverse("admin:interview_robot_change", args=[robot.pk])
    assert client.post(change, {"is_enabled": "on"}).status_code == 403
    client.logout()
    signed_in(client, chen)
    response = client.post(change, {"is_enabled": "on", "name": "other", "campaign": ""})
    assert response.status_code == 302
    robot.refresh_from_db()
    assert (robot.is_enabled, robot.alarm, robot.name) == (True, "", "autumn")


def test_the_command_prints_the_response(robot, dingtalk, hour):
    assert "已发送" in command_output()
    assert dingtalk.messages[0]["actionCard"]["title"]


def test_the_command_fails_with_the_reason(robot, dingtalk, hour, settings):
    with pytest.raises(CommandError, match="known: autumn"):
        command_output("winter")
    dingtalk.next_answers.append(SLOW_DOWN)
    with pytest.raises(CommandError, match="130101"):
        command_output()
    hour.set(hour.now() + timedelta(minutes=11))
    settings.DINGTALK_ROBOTS = {}
    with pytest.raises(CommandError, match="DINGTALK_ROBOTS"):
        command_output()
