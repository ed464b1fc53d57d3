"""The topics of a campaign's current day, which most tests follow."""

from __future__ import annotations

from interview.rules import days
from jobs.models import Campaign
from realtime.log import topics


def todays_name(campaign: Campaign) -> str:
    """The name of today's board and wall, without the prefix."""
    return f"{campaign.slug}.{days.today(campaign.time_zone)}"


def todays_board(campaign: Campaign) -> str:
    return topics.board(campaign.slug, days.today(campaign.time_zone))


def todays_wall(campaign: Campaign) -> str:
    return topics.wall(campaign.slug, days.today(campaign.time_zone))


def autumn_board() -> str:
    """Today's board of the campaign that most tests use (`tests.people.campaign`)."""
    return topics.board("autumn", days.today("Asia/Shanghai"))
