"""Renders a person's interviews as an iCalendar feed. Called by `views.FeedView`.

Calendar programs poll it every REFRESH_INTERVAL, so rendering takes a constant number of queries.
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
from interview.models.querysets import ASSIGNMENTS
from interview.models.states import NOT_TAKING_PLACE, Status
from interview.notifications.email.calendar_invite import add_time_zones, uid_of
from interview.notifications.texts import expectation, language_of
from interview.rules.delays import DelayForecast

LOOK_BACK = timedelta(days=30)
LOOK_AHEAD = timedelta(days=366)
MARGIN = timedelta(days=366)  # the time zone rule in force on the first day began within a year
REFRESH_INTERVAL = timedelta(minutes=15)


def owner_of(token: str) -> User | None:
    """Returns whose feed this token opens; None for an unknown or revoked token, or an inactive
    account.
    """
    key = CalendarFeed.key_from_token(token)
    if key is None:
        return None
    owners = User.objects.filter(calendar_feed__key=key, is_active=True)
    return owners.select_related("personal_settings").first()


def render_feed(user: User, *, site: str) -> bytes:
    """Returns the feed of this person's interviews, in their language.

    site: scheme and host for links, such as "https://recruit.example.com". The feed has only what
    the person's own page shows: no scorecards and no interviews of others.
    """
    with translation.override(language_of(user)):
        calendar = Calendar.new(
            uid=f"interviews-u{user.pk}@recruit",  # the default is random: a new calendar each time
            name=_("My interviews"),
            refresh_interval=REFRESH_INTERVAL,
        )
        now = timezone.now()
        interviews = _interviews(user, now)
        expected = DelayForecast.load(interviews, now=now).expected_starts
        for interview in interviews:
            event = _event(interview, user, site, expected.get(interview.pk))
            calendar.add_component(event)
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
    return list(found.select_related(*related).prefetch_related(ASSIGNMENTS))


def _event(interview: Interview, user: User, site: str, expected: datetime | None) -> Event:
    """expected: the expected start, if it is later than planned. The entry keeps the plan."""
    zone = ZoneInfo(interview.campaign.time_zone)
    candidate, url = interview.application.candidate.name, site + interview_url(interview.pk)
    is_confirmed = interview.status != Status.SCHEDULED
    return Event.new(
        uid=uid_of(
            interview.pk, f"u{user.pk}"
        ),  # the same as in invites, so programs merge the two
        summary=_("Interview: %(candidate)s") % {"candidate": candidate},
        description="\n".join(
            line
            for line in (
                f"{interview.application.job.title} · {localized_name(interview.round)}",
                expected and expectation(expected.astimezone(zone)),
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
        status=STATUS.CONFIRMED if is_confirmed else STATUS.TENTATIVE,
    )
