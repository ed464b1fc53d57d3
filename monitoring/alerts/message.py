"""Renders a group of alerts as a chat message: the problem, since when, what to do, and links.

One message is in one language. The rules have their texts in every language: `summary` in English,
`summary_zh_hans` in Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from monitoring.alerts.payload import Alert, Group
from monitoring.markdown import escape_markdown

MAX_TEXT_BYTES = 12_000  # of all lines; DingTalk accepts 20 000 bytes including the envelope
MAX_PART_CHARACTERS = 240  # characters
ANCHOR = re.compile(r"\w+", re.ASCII)
ADDRESS = re.compile(r"https?://[^\s()<>\[\]\\]+")  # ends no Markdown link


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
    parts.append(_link(_("Operations page"), settings.SITE_URL + reverse("ops")))
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
    if description := _annotation(alert, "description"):
        yield escape_markdown(description)
    links = ((_("dashboard"), _dashboard(alert)), (_("runbook"), _runbook(alert)))
    yield from (_link(label, address) for label, address in links if ADDRESS.fullmatch(address))


def _summary(alert: Alert) -> str:
    return _annotation(alert, "summary") or alert.labels.alertname[:MAX_PART_CHARACTERS]


def _annotation(alert: Alert, name: str) -> str:
    """The annotation in the active language; the English one if that is missing."""
    translated = f"{name}_{(get_language() or '').replace('-', '_')}"
    text = alert.annotations.get(translated) or alert.annotations.get(name, "")
    return text[:MAX_PART_CHARACTERS]


def _dashboard(alert: Alert) -> str:
    return _in_grafana(alert.annotations.get("dashboard_url", ""))


def _runbook(alert: Alert) -> str:
    """The section of the document at RUNBOOKS_URL, otherwise the panel in Grafana."""
    address = alert.annotations.get("runbook_url", "")
    name = alert.labels.alertname
    if address and settings.RUNBOOKS_URL and ANCHOR.fullmatch(name):
        return f"{settings.RUNBOOKS_URL}#{name.lower()}"
    return _in_grafana(address)


def _in_grafana(address: str) -> str:
    """Completes a path, which a rule has if Prometheus does not know the address of Grafana."""
    return settings.GRAFANA_URL + address if address.startswith("/") else address


def _link(label: str, address: str) -> str:
    return f"[{label}]({address})"
