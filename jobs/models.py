"""Campaigns and their members, jobs, candidates, applications and their history.

Writes go through the services of `candidates`, `applications` and `openings`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jobs.querysets import (
    ApplicationQuerySet,
    CampaignQuerySet,
    CandidateQuerySet,
    JobQuerySet,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Campaign(models.Model):
    """A hiring campaign in one place. Each board shows one campaign."""

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    city = models.CharField(_("city"), max_length=60, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai")
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    is_open = models.BooleanField(_("open"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CampaignQuerySet.as_manager()

    zone_before: str | None = None
    """The previous time zone while a save changes it: local times on boards change with it."""

    class Meta:
        ordering = ["-is_open", "-starts_on", "name"]
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")

    def __str__(self) -> str:
        return self.name


class CampaignMember(models.Model):
    """A user's role in a campaign."""

    class Role(models.TextChoices):
        COORDINATOR = "coordinator", _("Coordinator")
        WALL = "wall", _("Wall screen")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="campaign_memberships",
        verbose_name=_("user"),
    )
    role = models.CharField(
        _("role"), max_length=12, choices=Role.choices, default=Role.COORDINATOR
    )

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "user"], name="one_membership_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.campaign}"


class Job(models.Model):
    """An opening that candidates apply for within a campaign."""

    class Kind(models.TextChoices):
        FULL_TIME = "full_time", _("Full-time")
        INTERNSHIP = "internship", _("Internship")
        PART_TIME = "part_time", _("Part-time")

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="jobs", verbose_name=_("campaign")
    )
    title = models.CharField(_("title"), max_length=120)
    department = models.CharField(_("department"), max_length=80, blank=True)
    city = models.CharField(_("city"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.FULL_TIME)
    headcount = models.PositiveSmallIntegerField(_("openings"), default=1)
    responsibilities = models.TextField(_("responsibilities"), blank=True)
    requirements = models.TextField(_("requirements"), blank=True)
    is_published = models.BooleanField(_("published"), default=False)
    is_confidential = models.BooleanField(_("confidential"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("job")
        verbose_name_plural = _("jobs")

    def __str__(self) -> str:
        return self.title


def score_field(label: StrOrPromise) -> models.PositiveSmallIntegerField[int | None, int | None]:
    """Returns an optional field for a test score from 0 to 100."""
    return models.PositiveSmallIntegerField(
        label,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )


class Candidate(models.Model):
    """A person who may apply for jobs. Mobile and e-mail are unique, to prevent duplicates."""

    name = models.CharField(pgettext_lazy("person", "name"), max_length=120)
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
                fields=["mobile"], condition=~models.Q(mobile=""), name="one_candidate_per_mobile"
            ),
            models.UniqueConstraint(
                Lower("email"), condition=~models.Q(email=""), name="one_candidate_per_email"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Application(models.Model):
    """A candidate's application for a job, with its current stage."""

    class Stage(models.TextChoices):
        APPLIED = "applied", _("Applied")
        SCREENING = "screening", _("Screening")
        INTERVIEWING = "interviewing", _("Interviewing")
        OFFER = "offer", _("Offer")
        HIRED = "hired", _("Hired")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    candidate = models.ForeignKey(
        Candidate, models.PROTECT, related_name="applications", verbose_name=_("candidate")
    )
    job = models.ForeignKey(Job, models.PROTECT, related_name="applications", verbose_name=_("job"))
    stage = models.CharField(
        _("stage"), max_length=12, choices=Stage.choices, default=Stage.APPLIED
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = [
            models.UniqueConstraint(
                fields=["candidate", "job"], name="one_application_per_candidate_and_job"
            )
        ]

    def __str__(self) -> str:
        return f"{self.candidate} → {self.job}"


class ApplicationEvent(models.Model):
    """A stage change in an application's history. Rows are never changed after they are written."""

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="events", verbose_name=_("application")
    )
    at = models.DateTimeField(_("time"), auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    from_stage = models.CharField(
        _("stage before"), max_length=12, choices=Application.Stage.choices, blank=True
    )
    to_stage = models.CharField(_("stage after"), max_length=12, choices=Application.Stage.choices)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("application event")
        verbose_name_plural = _("application events")

    def __str__(self) -> str:
        return f"{self.application_id}: {self.to_stage}"


class PersonalSettings(models.Model):
    """The preferences of a user: the language of screens and messages."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="personal_settings",
        verbose_name=_("user"),
    )
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default="zh-hans"
    )

    class Meta:
        verbose_name = _("personal settings")
        verbose_name_plural = _("personal settings")

    def __str__(self) -> str:
        return str(self.user)


# Models of the sub-packages: Django only discovers models that this module imports.
from jobs.applications.models import ApplicationLink as ApplicationLink  # noqa: E402
from jobs.applications.models import Resume as Resume  # noqa: E402
from jobs.applications.models import Submission as Submission  # noqa: E402
from jobs.imports.models import ImportRun as ImportRun  # noqa: E402
from jobs.privacy.models import AnonymisationList as AnonymisationList  # noqa: E402
