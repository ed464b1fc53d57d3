"""A morning in words: the numbers of each campaign, and where to go from here."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from interview.models import Delivery
from interview.notifications.email.templates import LETTERS, Letter
from interview.notifications.reminders.daily_digest import Morning, digest_of


def digest_letter(delivery: Delivery) -> Letter:
    """As it is when it is sent; what was settled meanwhile is not told any more."""
    mornings = digest_of(delivery, now=timezone.now())
    today = sum(morning.today for morning in mornings)
    day = date_format(timezone.localtime(), "MONTH_DAY_FORMAT")
    text = ngettext("%d interview today.", "%d interviews today.", today) % today
    return Letter(
        subject=_("Your day, %(day)s") % {"day": day},
        text=text if mornings else _("Nothing is left to do."),
        facts=[(one.campaign.name, in_words(one)) for one in mornings],
        link=_link(mornings),
    )


def in_words(morning: Morning) -> str:
    """Its numbers, without those that are nought."""
    told = [
        (morning.today, ngettext("%d interview", "%d interviews", morning.today)),
        (morning.unconfirmed, _("%d not confirmed")),
        (morning.declined, _("%d declined by an interviewer")),
        (morning.left_open, _("%d never closed")),
        (morning.feedback_overdue, _("scorecards of %d overdue")),
        (morning.dead, ngettext("%d message given up", "%d messages given up", morning.dead)),
    ]
    return " · ".join(words % number for number, words in told if number)


def _link(mornings: list[Morning]) -> tuple[str, str]:
    if len(mornings) == 1:
        board = reverse("board", args=[mornings[0].campaign.slug])
        return _("Open the board"), settings.SITE_URL + board
    return _("Open the boards"), settings.SITE_URL + reverse("boards")


LETTERS[Delivery.Event.DIGEST] = digest_letter
