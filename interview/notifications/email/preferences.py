"""Which events a user receives by e-mail: by their own choice, else by default."""

from __future__ import annotations

from interview.models import NoticeSettings
from interview.notifications.policy import POLICIES, Event, Subject

DEFAULT_EVENTS = frozenset(
    {
        Event.ASSIGNED,
        Event.MOVED,
        Event.CANCELLED,
        Event.UNASSIGNED,
        Event.EXCUSED,
        Event.REMINDER,
        Event.FEEDBACK_DUE,
        Event.DIGEST,
    }
)
"""Events that are e-mailed to people who have not chosen."""


ALWAYS = frozenset({Event.PRIVACY})
"""Events that nobody can switch off: the law sets a deadline."""


def is_emailed(event: str, preferences: NoticeSettings | None) -> bool:
    """True if a user with these preferences receives this event by e-mail."""
    if event in ALWAYS:
        return True
    if preferences is None or preferences.mailed is None:
        return event in DEFAULT_EVENTS
    return POLICIES[Event(event)].subject in preferences.mailed


def default_subjects() -> list[str]:
    """Subjects that the settings page proposes to people who have not chosen, in its order."""
    proposed = {POLICIES[event].subject for event in DEFAULT_EVENTS}
    return [subject.value for subject in Subject if subject in proposed]
