"""Texts of notices in a group: event, time, room, masked name, and a link that needs a sign-in.

Nobody checks who reads a group, so its messages contain nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from interview.models import Delivery, Interview
from interview.notifications.dingtalk.responses import MAYBE_SENT
from monitoring.markdown import escape_markdown
from realtime.display_names import masked


def with_interviews(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Reload the deliveries in the same order with all that their texts need. One query."""
    order = [delivery.pk for delivery in deliveries]
    found = Delivery.objects.select_related(
        "robot", "interview__campaign", "interview__room", "interview__application__candidate"
    ).in_bulk(order)
    return [found[pk] for pk in order if pk in found]


def title(delivery: Delivery) -> str:
    """Label of the event."""
    return str(Delivery.Event(delivery.event).label)


def link(delivery: Delivery) -> str:
    """URL of the interview, or of the home page; both need a sign-in."""
    if delivery.interview_id is None:
        return f"{settings.SITE_URL}{reverse('home')}"
    return f"{settings.SITE_URL}{reverse('interview', args=[delivery.interview_id])}"


def starts_at(delivery: Delivery) -> datetime | None:
    """Start of the interview as of the notice."""
    if delivery.interview is None:
        return None
    planned = delivery.facts.get("starts_at")
    return datetime.fromisoformat(planned) if planned else delivery.interview.starts_at


def line(delivery: Delivery, *, is_linked: bool) -> str:
    """One line of Markdown. is_linked: the name is a link to the interview."""
    if delivery.event == Delivery.Event.TEST:
        return _("This is a test message. You do not need to do anything.")
    return " · ".join(filter(None, _parts(delivery, is_linked=is_linked)))


def _parts(delivery: Delivery, *, is_linked: bool) -> Iterator[str]:
    interview = delivery.interview
    if interview is None:
        yield f"[{title(delivery)}]({link(delivery)})" if is_linked else title(delivery)
        return
    name = masked(interview.application.candidate.name) or "*"
    yield _time(delivery, interview)
    yield escape_markdown(str(delivery.facts.get("room") or interview.room.name))
    yield f"[{name}]({link(delivery)})" if is_linked else name
    if delivery.robot is not None and delivery.robot.campaign_id is None:
        yield escape_markdown(interview.campaign.name)
    if delivery.reason in MAYBE_SENT:
        yield _("sent again because the first attempt got no response")


def _time(delivery: Delivery, interview: Interview) -> str:
    moment = starts_at(delivery) or interview.starts_at
    zone = ZoneInfo(interview.campaign.time_zone)
    planned = date_format(moment.astimezone(zone), "n-j H:i")
    if "expected_at" not in delivery.facts:
        return planned
    expected = datetime.fromisoformat(delivery.facts["expected_at"]).astimezone(zone)
    return f"{planned} → {date_format(expected, 'H:i')}"
