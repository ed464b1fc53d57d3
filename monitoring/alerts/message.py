"""Renders a group of alerts as a chat message: the problem, since when, and the runbook."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from monitoring.alerts.payload import Alert, Group
from monitoring.alerts.titles import TITLES
from monitoring.markdown import escape_markdown

MAX_TEXT_BYTES = 12_000  # of all lines; DingTalk accepts 20 000 bytes including the envelope
MAX_PART_CHARACTERS = 240  # characters
ANCHOR = re.compile(r"[a-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Message:
    """A chat message. title: shown in the list of chats; text: Markdown."""

    title: str
    text: str


def render_message(group: Group) -> Message:
    """The message for a group, in the active language; alerts that do not fit are only counted."""
    alerts = sorted(group.alerts, key=_order)
    lines = _fitting([_line(alert) for alert in alerts])
    firing = sum(alert.status == "firing" for alert in alerts)
    parts = [*_section(_("Firing"), lines[:firing]), *_section(_("Resolved"), lines[firing:])]
    omitted = group.omitted + len(alerts) - len(lines)
    if omitted:
        more = ngettext("and %(number)d more", "and %(number)d more", omitted)
        parts.append(more % {"number": omitted})
    return Message(_title(alerts[0]), "\n\n".join(parts))


def _order(alert: Alert) -> tuple[bool, bool]:
    """Sort key: firing alerts before resolved ones, then those of severity "page" first."""
    return alert.status != "firing", alert.labels.severity != "page"


def _fitting(lines: Sequence[str]) -> list[str]:
    sizes = accumulate(len(line.encode()) for line in lines)
    fitting = takewhile(lambda pair: pair[1] <= MAX_TEXT_BYTES, zip(lines, sizes, strict=True))
    return [line for line, _size in fitting]


def _title(first: Alert) -> str:
    text = _("Alert: %(what)s") if first.status == "firing" else _("Resolved: %(what)s")
    return text % {"what": _summary(first)}


def _section(heading: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield "\n".join([f"#### {heading} ({len(lines)})", "", *lines])


def _line(alert: Alert) -> str:
    since = date_format(timezone.localtime(alert.starts_at), "n-j H:i")
    parts = [
        f"**{escape_markdown(_summary(alert))}**",
        escape_markdown(alert.labels.alertname[:MAX_PART_CHARACTERS]),
        since,
    ]
    if alert.status == "firing":
        parts += list(_details(alert))
    return "- " + " · ".join(parts)


def _details(alert: Alert) -> Iterator[str]:
    if alert.annotations.description:
        yield escape_markdown(alert.annotations.description[:MAX_PART_CHARACTERS])
    if alert.annotations.runbook:
        yield _("runbook: %(where)s") % {"where": _runbook(alert.annotations.runbook)}


def _runbook(runbook: str) -> str:
    """A link if RUNBOOKS_URL is set, otherwise the path in the repository."""
    anchor = runbook.rpartition("#")[2]
    if settings.RUNBOOKS_URL and ANCHOR.fullmatch(anchor):
        return f"{settings.RUNBOOKS_URL}#{anchor}"
    return escape_markdown(runbook[:MAX_PART_CHARACTERS])


def _summary(alert: Alert) -> str:
    """Our translated title if there is one: the summary of the rule is English."""
    title = TITLES.get(alert.labels.alertname)
    return str(title or alert.annotations.summary or alert.labels.alertname)[:MAX_PART_CHARACTERS]
