"""Links of the top bar and start page, by role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PUBLIC_PAGES = frozenset({"job_list", "jobs", "job", "apply", "applied"})
NO_ROLES: frozenset[str] = frozenset()
EVERY_ROLE = frozenset({"coordinator", "interviewer", "operations"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A link of the top bar, for people with one of `roles`; for everybody if `roles` is None.

    page     URL name of the target
    within   URL names of the pages on which the link is marked as current
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
        frozenset({"candidates", "conflicts", "merge"}),
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
    Entry(
        "privacy", _("Personal data"), frozenset({"coordinator"}), frozenset({"privacy", "erase"})
    ),
    Entry("audit", _("Audit"), frozenset({"coordinator"}), frozenset({"audit"})),
    Entry("tasks", _("Tasks"), frozenset({"coordinator", "operations"}), frozenset({"tasks"})),
    Entry("ops", _("Operations"), frozenset({"operations"}), frozenset({"ops"})),
    Entry("job_list", _("Openings"), None, PUBLIC_PAGES),
    Entry("admin:index", _("Admin"), frozenset({"staff"}), frozenset()),
)


def roles_of(user: Any) -> frozenset[str]:
    """Return the names of the user's groups, plus "staff" if they may open the admin.

    A superuser has every role. The result is cached on the user object: one query per request.
    """
    if not (user.is_authenticated and user.is_active):
        return NO_ROLES
    if not hasattr(user, "cached_roles"):
        groups = EVERY_ROLE if user.is_superuser else user.groups.values_list("name", flat=True)
        user.cached_roles = frozenset(groups) | ({"staff"} if user.is_staff else NO_ROLES)
    roles: frozenset[str] = user.cached_roles
    return roles


def entries_for(user: Any) -> list[Entry]:
    """Return the links this user sees, in display order."""
    roles = roles_of(user)
    return [entry for entry in ENTRIES if entry.roles is None or entry.roles & roles]


def home_page_name(user: Any) -> str:
    """Return the URL name of the user's start page: their first link, else the openings."""
    return next((entry.page for entry in entries_for(user)), "job_list")
