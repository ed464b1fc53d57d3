"""The daily digest as an e-mail: the numbers of each campaign, and a link to its board."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interview.models import Delivery
from interview.notifications.email.templates import TEMPLATES, EmailContent
from interview.notifications.reminders.daily_digest import CampaignDay, digest_of


def digest_email(delivery: Delivery) -> EmailContent:
    """Counts at sending time, so that problems solved since the planning are left out."""
    days = digest_of(delivery, now=timezone.now())
    today = sum(one.today for one in days)
    date = date_format(timezone.localtime(), "MONTH_DAY_FORMAT")
    text = ngettext("%d interview today.", "%d interviews today.", today) % today
    return EmailContent(
        subject=_("Your interviews on %(day)s") % {"day": date},
        text=text if days else _("Nothing left to do."),
        facts=[(one.campaign.name, summary_of(one)) for one in days],
        link=_link(days),
    )


def summary_of(day: CampaignDay) -> str:
    """The numbers in one line, without zeros: "3 interviews · 1 not confirmed"."""
    numbers = [
        (day.today, ngettext("%d interview", "%d interviews", day.today)),
        (day.unconfirmed, _("%d not confirmed")),
        (day.declined, _("%d declined by an interviewer")),
        (day.left_open, _("%d not finished or cancelled")),
        (day.feedback_overdue, _("%d with overdue scorecards")),
        (day.dead, ngettext("%d undelivered message", "%d undelivered messages", day.dead)),
    ]
    return " · ".join(text % number for number, text in numbers if number)


def _link(days: list[CampaignDay]) -> tuple[str, str]:
    if len(days) == 1:
        board = reverse("board", args=[days[0].campaign.slug])
        return _("Open the board"), settings.SITE_URL + board
    return _("Open your boards"), settings.SITE_URL + reverse("boards")


TEMPLATES[Delivery.Event.DIGEST] = digest_email
