"""Several workers serve one robot at once: rate limit and order are kept."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from interview.models import Delivery, Robot
from interview.notifications import outbox
from interview.notifications.dingtalk.robot_sender import lease_of, send_due
from tests.factories import make_campaign, make_interview
from tests.support.external.fake_dingtalk import hangs
from tests.support.product.processes import Site
from tests.support.robots import make_delivery

pytestmark = pytest.mark.django_db(transaction=True)

EVENTS = [Delivery.Event.REMINDER, Delivery.Event.MOVED, Delivery.Event.ARRIVED]
PRIORITY = {
    Delivery.Event.REMINDER: Delivery.Priority.REMINDER,
    Delivery.Event.MOVED: Delivery.Priority.CHANGE,
    Delivery.Event.ARRIVED: Delivery.Priority.DAY_OF,
}


def make_many(robot: Robot, number: int) -> list[Delivery]:
    """Notices of all priorities, shuffled; each has its number as room name."""
    interviews = [make_interview(campaign=robot.campaign) for _ in range(4)]
    return [
        make_delivery(
            robot,
            interviews[index % 4],
            event=EVENTS[index % 3],
            priority=PRIORITY[EVENTS[index % 3]],
            facts={"room": f"N{index}N"},
        )
        for index in range(number)
    ]


def numbers_in(texts: list[str]) -> list[int]:
    """Numbers of the notices in these messages, in order."""
    return [int(number) for text in texts for number in re.findall(r"N(\d+)N", text)]


def run_together(call: Callable[[], None], workers: int) -> None:
    begin, problems = threading.Barrier(workers), []

    def run() -> None:
        try:
            begin.wait()
            call()
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_a_burst_of_200_is_sent_once_in_digests_most_urgent_first(robot, dingtalk, hour):
    """Three workers send all of it within one minute, and DingTalk refuses nothing."""
    make_many(robot, 200)
    run_together(lambda: send_due(robot), 3)
    send_due(robot)
    numbers = numbers_in(dingtalk.texts)
    assert sorted(numbers) == list(range(200)), "each notice exactly once"
    urgencies = [PRIORITY[EVENTS[number % 3]] for number in numbers]
    assert urgencies == sorted(urgencies)
    assert dingtalk.throttled == 0
    assert len(dingtalk.messages) == 4
    sent = Delivery.objects.filter(state="sent", attempts=1).exclude(folded_into=None)
    assert sent.count() == 200


def test_notices_over_the_limit_are_sent_in_the_following_minutes(robot, dingtalk, hour):
    """Notices keep coming while three workers send and the clock advances by seconds."""
    made = 0
    interview = make_interview(campaign=robot.campaign)
    for _ in range(40):
        for _ in range(2):
            make_delivery(robot, interview, facts={"room": f"N{made}N"})
            made += 1
        run_together(lambda: send_due(robot), 3)
        hour.shift(seconds=2)
    hour.shift(seconds=60)
    send_due(robot)
    assert sorted(numbers_in(dingtalk.texts)) == list(range(80))
    assert dingtalk.throttled == 0


def test_a_second_worker_leaves_a_robot_that_another_one_serves(robot, dingtalk, hour):
    make_many(robot, 2)
    other_worker = lease_of(robot)
    assert other_worker.acquire()
    send_due(robot)
    assert dingtalk.requests == 0
    other_worker.release()
    send_due(robot)
    assert sorted(numbers_in(dingtalk.texts)) == [0, 1]


def test_a_hanging_robot_does_not_delay_other_robots(robot, dingtalk, hour, settings):
    other = Robot.objects.create(name="winter", campaign=make_campaign())
    with type(dingtalk)() as elsewhere:
        settings.DINGTALK_ROBOTS |= {"winter": elsewhere.credentials}
        dingtalk.next_answers.append(hangs)
        make_many(robot, 1)
        make_delivery(other, make_interview(campaign=other.campaign), facts={"room": "N7N"})
        stuck = threading.Thread(target=lambda: (send_due(robot), connection.close()))
        stuck.start()
        send_due(other)
        assert numbers_in(elsewhere.texts) == [7]
        dingtalk.release.set()
        stuck.join()
    assert Delivery.objects.get(robot=robot).reason == "cut_off"


@pytest.mark.processes
def test_a_message_whose_worker_is_killed_while_sending_is_given_up(site: Site, robot, dingtalk):
    """DingTalk may have it already, so it is not resent automatically."""
    from interview.tasks import send_to_robot

    received = threading.Event()

    def report_and_hang(handler):
        received.set()
        hangs(handler)

    dingtalk.next_answers.append(report_and_hang)
    lost = make_many(robot, 1)[0]
    worker = site.start("worker", **dingtalk.environment)
    send_to_robot.delay(robot.pk)
    assert received.wait(60)
    worker.kill()
    lost.refresh_from_db()
    assert lost.state == "sending"
    outbox.give_up_unknown(timezone.now() + outbox.SENDING_TIMEOUT + timedelta(seconds=1))
    lost.refresh_from_db()
    assert (lost.state, lost.reason) == ("dead", "unknown")
    assert dingtalk.messages == []
