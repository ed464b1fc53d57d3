"""Querysets of this app: row-level access (`visible_to`, `coordinated_by`) and searches.

Views, the API, the admin and exports start from these, so access rules are defined once.
"""

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
    """True for active superusers. Everybody else needs a campaign membership."""
    return bool(user.is_authenticated and user.is_active and user.is_superuser)


class CampaignQuerySet(BulkSignalsQuerySet["Campaign"]):
    def coordinated_by(self, user: Any) -> Self:
        """Returns the campaigns in which this person is a coordinator."""
        if may_see_everything(user):
            return self
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(members__user=user, members__role__in=COORDINATOR_ROLES)

    def wall_visible_to(self, user: Any) -> Self:
        """Returns the campaigns whose wall this person may open, as coordinator or wall account."""
        if may_see_everything(user):
            return self
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(members__user=user, members__role__in=WALL_ROLES)


class JobQuerySet(BulkSignalsQuerySet["Job"]):
    def public(self) -> Self:
        """Returns the openings of the public site: published, not confidential, campaign open."""
        return self.filter(is_published=True, is_confidential=False, campaign__is_open=True)

    def visible_to(self, user: Any) -> Self:
        """Returns all openings of the campaigns that this person coordinates."""
        if may_see_everything(user):
            return self
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(campaign__members__user=user, campaign__members__role="coordinator")


class CandidateQuerySet(BulkSignalsQuerySet["Candidate"]):
    def visible_to(self, user: Any) -> Self:
        """Returns the candidates of this person's campaigns, and candidates in no campaign yet.

        Returns none for people who coordinate no campaign.
        """
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
        """Returns candidates all of whose campaigns and applications this person coordinates."""
        if may_see_everything(user):
            return self
        from jobs.models import Application, Campaign

        mine = Campaign.objects.coordinated_by(user).values("pk")
        memberships = Campaign.candidates.through.objects.filter(candidate=OuterRef("pk"))
        applied = Application.objects.filter(candidate=OuterRef("pk"))
        return self.visible_to(user).filter(
            ~Exists(memberships.exclude(campaign__in=mine)),
            ~Exists(applied.exclude(job__campaign__in=mine)),
        )

    def search(self, text: str) -> Self:
        """Matches part of the name or pinyin, the start of the pinyin initials or e-mail, or the
        last digits (three or more) of the mobile number.
        """
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
        """Returns the applications in the campaigns that this person coordinates."""
        if may_see_everything(user):
            return self
        if not (user.is_authenticated and user.is_active):
            return self.none()
        return self.filter(
            job__campaign__members__user=user, job__campaign__members__role="coordinator"
        )


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, user: Any) -> Self:
        """Returns imports into this person's campaigns, and their own imports into no campaign."""
        if may_see_everything(user):
            return self
        from jobs.models import Campaign

        mine = Campaign.objects.coordinated_by(user)
        if not mine.exists():
            return self.none()
        return self.filter(Q(campaign__in=mine) | Q(campaign=None, owner=user))
