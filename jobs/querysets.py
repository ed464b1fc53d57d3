"""Named questions about jobs and candidates, the question of who may see which among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from monitoring.bulk_signals import BulkSignalsQuerySet

if TYPE_CHECKING:
    from jobs.imports.models import ImportRun  # noqa: F401
    from jobs.models import Application, Campaign, Candidate, Job  # noqa: F401


COORDINATOR_ROLES = ("coordinator",)
WALL_ROLES = ("coordinator", "wall")


def may_see_everything(user: Any) -> bool:
    """Superusers work in every campaign; everybody else only where a membership says so."""
    return bool(user.is_authenticated and user.is_active and user.is_superuser)


class CampaignQuerySet(BulkSignalsQuerySet["Campaign"]):
    def coordinated_by(self, user: Any) -> Self:
        """The campaigns in which this person works as a coordinator."""
        if may_see_everything(user):
            return self
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(members__user=user, members__role__in=COORDINATOR_ROLES)

    def wall_visible_to(self, user: Any) -> Self:
        """The campaigns whose wall this person may open: coordinators, and the screen's account."""
        if may_see_everything(user):
            return self
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(members__user=user, members__role__in=WALL_ROLES)


class JobQuerySet(BulkSignalsQuerySet["Job"]):
    def public(self) -> Self:
        """Openings that anyone may read: published, not confidential, of an open campaign."""
        return self.filter(is_published=True, is_confidential=False, campaign__is_open=True)

    def visible_to(self, user: Any) -> Self:
        """All openings of one's campaigns; nothing for people outside of them."""
        if may_see_everything(user):
            return self
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(campaign__members__user=user, campaign__members__role="coordinator")


class CandidateQuerySet(BulkSignalsQuerySet["Candidate"]):
    def visible_to(self, user: Any) -> Self:
        """Candidates of one's campaigns, and for coordinators those in no campaign yet."""
        if may_see_everything(user):
            return self
        if not (user.is_authenticated and user.is_active):
            return self.none()
        from jobs.models import Campaign, CampaignMember

        mine = CampaignMember.objects.filter(user=user, role="coordinator")
        if not mine.exists():
            return self.none()
        in_mine = Campaign.candidates.through.objects.filter(
            candidate=OuterRef("pk"), campaign__in=mine.values("campaign")
        )
        in_any = Campaign.candidates.through.objects.filter(candidate=OuterRef("pk"))
        return self.filter(Exists(in_mine) | ~Exists(in_any))

    def entirely_coordinated_by(self, user: Any) -> Self:
        """Those nothing of whom belongs to a campaign that this person does not coordinate."""
        if may_see_everything(user):
            return self
        from jobs.models import Application, Campaign

        mine = Campaign.objects.coordinated_by(user).values("pk")
        of_him = Campaign.candidates.through.objects.filter(candidate=OuterRef("pk"))
        applied = Application.objects.filter(candidate=OuterRef("pk"))
        return self.visible_to(user).filter(
            ~Exists(of_him.exclude(campaign__in=mine)),
            ~Exists(applied.exclude(job__campaign__in=mine)),
        )

    def search(self, text: str) -> Self:
        """By part of the name, pinyin or its initials, e-mail, or the end of the mobile number."""
        text = text.strip()
        if not text:
            return self
        squeezed = text.replace(" ", "").lower()
        matches = (
            Q(name__icontains=text) | Q(pinyin__contains=squeezed) | Q(email__istartswith=text)
        )
        matches |= Q(initials__startswith=squeezed)
        if squeezed.isdigit() and len(squeezed) >= 3:
            matches |= Q(mobile__endswith=squeezed)
        return self.filter(matches)


class ApplicationQuerySet(BulkSignalsQuerySet["Application"]):
    def visible_to(self, user: Any) -> Self:
        """Applications for the jobs of one's campaigns."""
        if may_see_everything(user):
            return self
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(
            job__campaign__members__user=user, job__campaign__members__role="coordinator"
        )


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, user: Any) -> Self:
        """Imports into one's campaigns; those into no campaign only for who made them."""
        if may_see_everything(user):
            return self
        from jobs.models import Campaign

        mine = Campaign.objects.coordinated_by(user)
        if not mine.exists():
            return self.none()
        return self.filter(Q(campaign__in=mine) | Q(campaign=None, owner=user))
