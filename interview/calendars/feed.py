"""One person's interviews as a calendar that other programs subscribe to.

Programs ask for it every quarter of an hour: it is rendered in a constant number of queries, and
sent only when its text has changed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from icalendar import STATUS, Calendar, Event

from interview.live.rows import interview_url
from interview.models import CalendarFeed, Interview, InterviewAssignment
from interview.models.labels import localized_name
from interview.models.states import NOT_TAKING_PLACE, Status
from interview.notifications.email.calendar_invite import add_time_zones, uid_of
from interview.notifications.in_app import language_of

LOOK_BACK = timedelta(days=30)
LOOK_AHEAD = timedelta(days=366)
MARGIN = timedelta(days=366)  # the rule in force on the first day began within a year
ASKED_EVERY = timedelta(minutes=15)


def reader_of(token: str) -> User | None:
    """Whose calendar this token opens; None for a wrong one, an old one, or a closed account."""
    key = CalendarFeed.key_from_token(token)
    if key is None:
        return None
    readers = User.objects.filter(calendar_feed__key=key, is_active=True)
    return readers.select_related("personal_settings").first()


def feed_of(user: User, *, site: str) -> bytes:
    """This person's own interviews; site: scheme and host that links begin with.

    Only what stands on his page: nothing of scorecards, nothing of what others do.
    """
    with translation.override(language_of(user)):
        calendar = Calendar.new(
            uid=f"interviews-u{user.pk}@recruit",  # else it would be a new one each time
            name=_("My interviews"),
            refresh_interval=ASKED_EVERY,
        )
        for interview in _interviews(user, timezone.now()):
            calendar.add_component(_event(interview, user, site))
        now = timezone.now()
        add_time_zones(
            calendar, first=(now - LOOK_BACK - MARGIN).date(), last=(now + LOOK_AHEAD).date()
        )
        text: bytes = calendar.to_ical()
        return text


def _interviews(user: User, now: datetime) -> list[Interview]:
    mine = InterviewAssignment.objects.filter(interviewer=user).exclude(
        response=InterviewAssignment.Response.DECLINED
    )
    found = Interview.objects.filter(
        pk__in=mine.values("interview"),
        starts_at__gte=now - LOOK_BACK,
        starts_at__lt=now + LOOK_AHEAD,
    ).exclude(status__in=NOT_TAKING_PLACE)
    related = ("campaign", "room", "round", "application__candidate", "application__job")
    return list(found.select_related(*related))


def _event(interview: Interview, user: User, site: str) -> Event:
    zone = ZoneInfo(interview.campaign.time_zone)
    candidate, url = interview.application.candidate.name, site + interview_url(interview.pk)
    is_sure = interview.status != Status.SCHEDULED
    return Event.new(
        uid=uid_of(interview.pk, f"u{user.pk}"),  # as in the invites
        summary=_("Interview: %(candidate)s") % {"candidate": candidate},
        description="\n".join(
            line
            for line in (
                f"{interview.application.job.title} · {localized_name(interview.round)}",
                interview.room.meeting_url,
                url,
            )
            if line
        ),
        location=", ".join(filter(None, (interview.room.name, interview.room.directions))),
        url=url,
        start=interview.starts_at.astimezone(zone),
        end=interview.ends_at.astimezone(zone),
        stamp=interview.updated_at,
        last_modified=interview.updated_at,
        sequence=interview.version,
        status=STATUS.CONFIRMED if is_sure else STATUS.TENTATIVE,
    )
