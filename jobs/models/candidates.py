"""Candidates: their data, who may see them, and how they are searched."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jobs.candidates.contacts import digits_of_number
from jobs.candidates.names import SEARCHABLE_LENGTH, fold_name, normalize_name, refuse_addresses
from jobs.candidates.pinyin import HANZI
from jobs.models.access import may_see_everything
from jobs.models.campaigns import Campaign, CampaignMember
from monitoring.bulk_signals import BulkSignalsQuerySet

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class CandidateQuerySet(BulkSignalsQuerySet["Candidate"]):
    def visible_to(self, user: Any) -> Self:
        """Returns the candidates of this person's campaigns, and candidates in no campaign yet.

        Returns none for people who coordinate no campaign.
        """
        if may_see_everything(user):
            return self
        if not (user.is_authenticated and user.is_active):
            return self.none()
        mine = list(
            CampaignMember.objects.filter(user=user, role="coordinator").values_list(
                "campaign", flat=True
            )
        )
        if not mine:
            return self.none()
        # Not "in mine or in none": PostgreSQL joins what is excluded, and tests each row for an OR.
        memberships = Campaign.candidates.through.objects
        in_mine = memberships.filter(candidate=OuterRef("candidate"), campaign__in=mine)
        hidden = memberships.filter(~Exists(in_mine), candidate=OuterRef("pk"))
        return self.filter(~Exists(hidden.exclude(campaign__in=mine)))

    def entirely_coordinated_by(self, user: Any) -> Self:
        """Returns candidates all of whose campaigns and applications this person coordinates."""
        if may_see_everything(user):
            return self
        own = Campaign.objects.coordinated_by(user)
        foreign = Campaign.objects.exclude(pk__in=own.values("pk"))
        return (
            self.visible_to(user)
            .exclude(campaigns__in=foreign)
            .exclude(applications__job__campaign__in=foreign)
        )

    def search(self, text: str) -> Self:
        """Matches as `search_names`, or the start of the e-mail, or a mobile number.

        A number is matched in any notation: its last digits (three or more), or any five.
        """
        text = text.strip()
        if not text:
            return self
        matches = _name_matches(text)
        if text.isascii():
            matches |= Q(email__istartswith=text)
        if digits := digits_of_number(text):
            lookup = "mobile__contains" if len(digits) >= 5 else "mobile__endswith"
            matches |= Q(**{lookup: digits})
        return self.filter(matches)

    def search_names(self, text: str) -> Self:
        """Matches words of the name or pinyin in any order, or the start of the pinyin initials.

        Accents, dots and dashes between the parts of a name do not matter.
        """
        return self.filter(_name_matches(text)) if text.strip() else self


def _name_matches(text: str) -> Q:
    by_name = Q(name__icontains=normalize_name(text) or text)
    folded = fold_name(text)
    if not folded:
        return by_name
    matches = reduce(and_, map(_word_matches, folded.split()))
    if not HANZI.search(folded):
        joined = folded.replace(" ", "")
        matches |= Q(pinyin__contains=joined) | Q(initials__startswith=joined)
    return matches | Q(search_name="") & by_name  # an old version of the product leaves it empty


def _word_matches(word: str) -> Q:
    in_name = Q(search_name__contains=word)
    return in_name if HANZI.search(word) else in_name | Q(pinyin__contains=word)


def score_field(label: StrOrPromise) -> models.PositiveSmallIntegerField[int | None, int | None]:
    """Returns an optional field for a test score from 0 to 100."""
    return models.PositiveSmallIntegerField(
        label,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )


class Candidate(models.Model):
    """A person who may apply for jobs.

    Mobile and e-mail are unique, to prevent duplicates, except among records that are kept apart
    until a coordinator decides (`ContactConflict`).
    """

    name = models.CharField(
        pgettext_lazy("person", "name"), max_length=120, validators=[refuse_addresses]
    )
    search_name = models.CharField(
        max_length=SEARCHABLE_LENGTH, blank=True, db_default="", editable=False
    )
    pinyin = models.CharField(max_length=240, blank=True, editable=False)
    initials = models.CharField(max_length=60, blank=True, editable=False)
    mobile = models.CharField(
        _("mobile"), max_length=20, blank=True, help_text=_("With country code.")
    )
    email = models.EmailField(_("e-mail"), blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    school = models.CharField(_("school"), max_length=120, blank=True)
    major = models.CharField(_("major"), max_length=120, blank=True)
    degree = models.CharField(_("degree"), max_length=40, blank=True)
    general_score = score_field(_("general ability score"))
    written_score = score_field(_("written score"))
    shares_contact = models.BooleanField(default=False, db_default=False, editable=False)
    anonymised_at = models.DateTimeField(_("anonymised at"), null=True, editable=False)
    campaigns = models.ManyToManyField(Campaign, related_name="candidates", blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        permissions = [
            ("export", _("May export candidates")),
            ("anonymise", _("May anonymise candidates")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["mobile"],
                condition=~models.Q(mobile="") & models.Q(shares_contact=False),
                name="one_candidate_per_mobile",
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email="") & models.Q(shares_contact=False),
                name="one_candidate_per_email",
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="candidates_newest_first"),
            models.Index(
                fields=["name", "school"],
                condition=~models.Q(school=""),
                name="candidates_by_name_and_school",
            ),
            models.Index(fields=["mobile"], condition=~models.Q(mobile=""), name="by_mobile"),
            models.Index(Lower("email"), condition=~models.Q(email=""), name="by_email"),
        ]

    def __str__(self) -> str:
        return self.name
