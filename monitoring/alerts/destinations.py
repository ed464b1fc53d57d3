"""Where alerts go: the only place that knows it. The apps that own a channel register theirs.

The operations page shows `lines`, /readyz and `manage.py doctor` run the check, and `manage.py
send_test_alert` sends to each destination.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from monitoring.alerts.message import Message
from monitoring.health import checks
from monitoring.health.checks import Advice, Check, NotReady

ADVICE = Advice(
    problem=gettext_lazy("Alerts reach nobody: when something fails, nobody is told."),
    remedy=gettext_lazy(
        "Set ALERTS_TOKEN and the robot “operations” in DINGTALK_ROBOTS, or ALERT_EMAILS and "
        "EMAIL_HOST. Then run manage.py send_test_alert."
    ),
    runbook="AlertsNotSent",
)


class NotSent(Exception):
    """The message was not sent, with a reason code that is safe to log.

    text: the reason for people; otherwise the code
    """

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(code)
        self.text = text or code


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A way by which alerts reach people.

    label    its name in English, such as DingTalk
    sentence what goes where, if nothing is missing
    remedy   which setting is missing, as a sentence; "" if alerts leave
    send     sends a message now; raises NotSent
    """

    label: str
    sentence: Callable[[], str]
    remedy: Callable[[], str | Promise]
    send: Callable[[Message], None]

    @property
    def works(self) -> bool:
        """Whether the settings are complete. What is set can still be wrong."""
        return not self.remedy()


DESTINATIONS: dict[str, Destination] = {}


def register(name: str, destination: Destination) -> None:
    DESTINATIONS[name] = destination


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A sentence for people about one destination. ok: False if nothing goes there."""

    text: str
    ok: bool


def lines() -> list[Line]:
    """Where alerts go, in the active language: of each destination, and of the watchdog."""
    found = [
        Line(text=one.sentence() if one.works else str(one.remedy()), ok=one.works)
        for one in DESTINATIONS.values()
    ]
    if not any(line.ok for line in found):
        text = _("Alerts go nowhere: when something fails, nobody is told.")
        found.insert(0, Line(text=text, ok=False))
    return [*found, _watchdog()]


def _watchdog() -> Line:
    if settings.WATCHDOG_URL:
        text = _("A dead man's switch tells people when Prometheus or Alertmanager stops.")
        return Line(text=text, ok=True)
    text = _("If Prometheus or Alertmanager stops, nobody is told. Set WATCHDOG_URL.")
    return Line(text=text, ok=False)


def check() -> str:
    """Returns by which ways alerts go, such as "by DingTalk and e-mail". Raises NotReady if none.

    A site in development needs none.
    """
    working = [one.label for one in DESTINATIONS.values() if one.works]
    if working:
        return f"by {' and '.join(working)}"
    if not settings.ALERTS_EXPECTED:
        return "nowhere, with DEBUG=yes"
    raise NotReady("nowhere")


def register_check() -> None:
    checks.register("alerts", Check(run=check, advice=ADVICE, is_advisory=True))
