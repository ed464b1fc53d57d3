"""Where a person belongs: the page of each role, and the entries of the top bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OPENINGS = frozenset({"job_list", "jobs", "job", "apply", "applied"})
NOBODY: frozenset[str] = frozenset()
EVERY_ROLE = frozenset({"coordinator", "interviewer", "operations"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of the top bar, for people with one of `roles`; everybody when `roles` is None.

    page     name of the address it leads to
    within   names of the addresses on which it is shown as the current one
    """

    page: str
    label: Promise
    roles: frozenset[str] | None
    within: frozenset[str]


ENTRIES = (
    Entry("boards", _("Board"), frozenset({"coordinator"}), frozenset({"boards", "board"})),
    Entry(
        "me",
        _("My interviews"),
        frozenset({"interviewer"}),
        frozenset({"me", "scorecard", "interview"}),
    ),
    Entry(
        "candidates",
        _("Candidates"),
        frozenset({"coordinator"}),
        frozenset({"candidates", "merge"}),
    ),
    Entry(
        "applications",
        _("Applications"),
        frozenset({"coordinator"}),
        frozenset(
            {"applications", "schedule", "bulk_plans", "bulk_plan", "bulk_move", "bulk_tell"}
        ),
    ),
    Entry("imports", _("Import"), frozenset({"coordinator"}), frozenset({"imports", "import"})),
    Entry("analytics", _("Analytics"), frozenset({"coordinator"}), frozenset({"analytics"})),
    Entry("audit", _("Audit"), frozenset({"coordinator"}), frozenset({"audit"})),
    Entry("tasks", _("Tasks"), frozenset({"coordinator", "operations"}), frozenset({"tasks"})),
    Entry("ops", _("Operations"), frozenset({"operations"}), frozenset({"ops"})),
    Entry("job_list", _("Openings"), None, OPENINGS),
    Entry("admin:index", _("Admin"), frozenset({"staff"}), frozenset()),
)


def roles_of(user: Any) -> frozenset[str]:
    """The groups a person is in, and "staff" for those who may enter the admin.

    A superuser has every role. One query for each user object, however often it is asked.
    """
    if not (user.is_authenticated and user.is_active):
        return NOBODY
    if not hasattr(user, "known_roles"):
        groups = EVERY_ROLE if user.is_superuser else user.groups.values_list("name", flat=True)
        user.known_roles = frozenset(groups) | ({"staff"} if user.is_staff else NOBODY)
    known: frozenset[str] = user.known_roles
    return known


def entries_for(user: Any) -> list[Entry]:
    roles = roles_of(user)
    return [entry for entry in ENTRIES if entry.roles is None or entry.roles & roles]


def home_of(user: Any) -> str:
    """The name of the page that a person's day begins with."""
    return next((entry.page for entry in entries_for(user)), "job_list")
