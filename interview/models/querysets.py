"""Query sets of interviews and rounds, with prefetching for live rows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Prefetch, Q

from jobs.models.access import may_see_everything
from jobs.models.campaigns import Campaign
from realtime.tracking import TrackedQuerySet

if TYPE_CHECKING:
    from interview.models import Interview, RoundTemplate  # noqa: F401


UNUSED_COLUMNS = (
    *("created_at", "updated_at"),
    *("application__created_at", "application__updated_at"),
    *("application__candidate__created_at", "application__candidate__updated_at"),
)


# Prefetched into plain lists: a prefetched manager would build a query set for each interview.
ASSIGNMENTS = Prefetch("assignments", to_attr="loaded_assignments")
SCORECARDS = Prefetch("scorecards", to_attr="loaded_scorecards")


NOT_DECLINED = ("pending", "accepted")  # values of InterviewAssignment.Response


class RoundTemplateQuerySet(models.QuerySet["RoundTemplate"]):
    def for_campaign(self, campaign_id: int) -> Self:
        """The campaign's own rounds, plus the shared rounds for numbers it does not define."""
        own_numbers = self.filter(campaign_id=campaign_id).values("number")
        return self.filter(
            Q(campaign_id=campaign_id) | Q(campaign=None) & ~Q(number__in=own_numbers)
        )


class InterviewQuerySet(TrackedQuerySet["Interview"]):
    def visible_to(self, user: Any) -> Self:
        """The interviews that this person may see.

        Superusers see all, coordinators those of their campaigns, interviewers their own, except
        those that they have declined.
        """
        if may_see_everything(user):
            return self
        if not (user.is_authenticated and user.is_active):
            return self.none()
        coordinated = Campaign.objects.coordinated_by(user).values("pk")
        own = self.model.objects.of_interviewer(user).values("pk")
        return self.filter(Q(campaign__in=coordinated) | Q(pk__in=own))

    def of_interviewer(self, user: Any) -> Self:
        """The interviews that this person takes part in, not those that they have declined."""
        return self.filter(
            assignments__interviewer=getattr(user, "pk", user),
            assignments__response__in=NOT_DECLINED,
        )

    def overlapping(self, starts_at: datetime, ends_at: datetime) -> Self:
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)

    def for_interviewer_rows(self) -> Self:
        """Like `for_rows`, plus criteria and résumé, which an interviewer's own page shows."""
        return self.for_rows().prefetch_related("round__criteria", "application__resume")

    def for_rows(self) -> Self:
        """Prefetch everything that a live row shows, in a constant number of queries."""
        # Objects that many rows share are prefetched: a join would build them once for each row.
        narrow = self.select_related("application__candidate").defer(*UNUSED_COLUMNS)
        return narrow.prefetch_related(
            "campaign",
            "application__job",
            "round",
            "room",
            ASSIGNMENTS,
            "loaded_assignments__interviewer",
            SCORECARDS,
        )
