"""Daily digest for coordinators: today's interviews and open problems of each campaign."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from interview.models import OCCUPIES_ROOM, Delivery, Interview, InterviewAssignment
from interview.models.states import ACTIVE, WAITING, Status
from interview.notifications.planning import notify_many
from interview.notifications.reminders.due import Window
from interview.notifications.reminders.settings import ReminderPolicy, coordinators_of
from interview.notifications.requests import NotificationRequest, Recipients, occasion_of
from interview.rules.flags import FEEDBACK_OVERDUE_AFTER, UNCONFIRMED_BEFORE
from interview.rules.planned_interviews import DECLINED
from jobs.models import Campaign

DEAD_SINCE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class CampaignDay:
    """Numbers of one campaign on one day. The e-mail has no names; they are behind its link."""

    campaign: Campaign
    day: date
    today: int = 0
    unconfirmed: int = 0  # of those that begin within a day
    declined: int = 0  # upcoming, with an interviewer who has declined
    left_open: int = 0  # of earlier days, neither finished nor cancelled
    feedback_overdue: int = 0
    dead: int = 0  # messages of the last week that could not be sent

    @property
    def is_empty(self) -> bool:
        return not any((self.today, self.problems))

    @property
    def problems(self) -> int:
        undone = (self.unconfirmed, self.declined, self.left_open, self.feedback_overdue)
        return sum(undone) + self.dead


@transaction.atomic
def send_digests(since: datetime, until: datetime) -> int:
    """Plan the digests due from `since` (included) to `until` (excluded). Return their number.

    One per coordinator and moment, about all their campaigns whose digest time it is; none without
    content. After an outage of days only the latest digest is sent.
    """
    window = Window(since, until, timezone.now())
    policy = ReminderPolicy.read()
    by_moment: dict[datetime, list[Campaign]] = defaultdict(list)
    for campaign in Campaign.objects.filter(is_open=True):
        moment = _latest_moment(campaign, policy, window)
        if moment is not None:
            by_moment[moment].append(campaign)
    batch = [
        recipients
        for moment, campaigns in by_moment.items()
        for recipients in _recipients(moment, campaigns, policy)
    ]
    notify_many(batch)
    return len(batch)


def _latest_moment(campaign: Campaign, policy: ReminderPolicy, window: Window) -> datetime | None:
    zone, at = ZoneInfo(campaign.time_zone), policy.of(campaign.pk).digest_at
    last = window.until.astimezone(zone).date()
    for day in (last, last - timedelta(days=1)):
        moment = datetime.combine(day, at, tzinfo=zone)
        if window.contains(moment):
            return moment
    return None


def _recipients(
    moment: datetime, campaigns: list[Campaign], policy: ReminderPolicy
) -> Iterable[Recipients]:
    """On days off, coordinators get a digest only if there are interviews."""
    with_content = {
        campaign_id
        for campaign_id, one in campaign_days(campaigns, now=moment).items()
        if one.today or (one.problems and policy.schedule(one.campaign).is_working_day(one.day))
    }
    by_person: dict[int, list[int]] = defaultdict(list)
    for campaign_id, people in coordinators_of(with_content).items():
        for person in people:
            by_person[person].append(campaign_id)
    for person, campaign_ids in by_person.items():
        request = NotificationRequest(
            event=Delivery.Event.DIGEST,
            interview=None,
            now=timezone.now(),
            occasion=occasion_of("digest", moment),
            extra={"campaigns": sorted(campaign_ids)},
        )
        yield Recipients(request, [person], in_app=False)


def digest_of(delivery: Delivery, *, now: datetime) -> list[CampaignDay]:
    """Content of a planned digest as of `now`, for campaigns that the person still coordinates."""
    campaigns = Campaign.objects.coordinated_by(delivery.person).filter(
        pk__in=delivery.facts.get("campaigns", [])
    )
    return [one for one in campaign_days(list(campaigns), now=now).values() if not one.is_empty]


def campaign_days(campaigns: list[Campaign], *, now: datetime) -> Mapping[int, CampaignDay]:
    """Numbers of these campaigns by id. Two queries, however many there are."""
    days = {c.pk: now.astimezone(ZoneInfo(c.time_zone)).date() for c in campaigns}
    counted = _counted(campaigns, now)
    dead = _dead(campaigns, now)
    return {
        c.pk: CampaignDay(c, days[c.pk], dead=dead.get(c.pk, 0), **counted.get(c.pk, {}))
        for c in campaigns
    }


def _counted(campaigns: list[Campaign], now: datetime) -> dict[int, dict[str, int]]:
    today, before_today = Q(pk__in=[]), Q(pk__in=[])
    for campaign in campaigns:
        begins, ends = _day_of(campaign, now)
        here = Q(campaign=campaign)
        today |= here & Q(starts_at__gte=begins, starts_at__lt=ends)
        before_today |= here & Q(starts_at__lt=begins)
    ahead = Q(status__in=WAITING, starts_at__gte=now)
    declined = InterviewAssignment.objects.filter(interview=OuterRef("pk"), response=DECLINED)
    counts = {
        "today": today & OCCUPIES_ROOM,
        "unconfirmed": Q(status=Status.SCHEDULED, starts_at__gte=now)
        & Q(starts_at__lt=now + UNCONFIRMED_BEFORE),
        "declined": ahead & Q(Exists(declined)),
        "left_open": before_today & Q(status__in=ACTIVE),
        "feedback_overdue": Q(status=Status.FEEDBACK_DUE)
        & Q(finished_at__lt=now - FEEDBACK_OVERDUE_AFTER),
    }
    rows = (
        Interview.objects.filter(campaign__in=campaigns)
        .exclude(status=Status.COMPLETED, starts_at__lt=now - timedelta(days=2))
        .order_by()
        .values("campaign")
        .annotate(**{f"n_{name}": Count("pk", filter=where) for name, where in counts.items()})
        .values_list("campaign", *(f"n_{name}" for name in counts))
    )
    return {campaign: dict(zip(counts, numbers, strict=True)) for campaign, *numbers in rows}


def _dead(campaigns: list[Campaign], now: datetime) -> dict[int, int]:
    given_up = Delivery.objects.filter(
        state=Delivery.State.DEAD,
        created_at__gte=now - DEAD_SINCE,
        interview__campaign__in=campaigns,
    )
    rows = given_up.order_by().values("interview__campaign").annotate(number=Count("pk"))
    return {row["interview__campaign"]: row["number"] for row in rows}


def _day_of(campaign: Campaign, now: datetime) -> tuple[datetime, datetime]:
    zone = ZoneInfo(campaign.time_zone)
    begins = datetime.combine(now.astimezone(zone).date(), time(), tzinfo=zone)
    return begins, begins + timedelta(days=1)
