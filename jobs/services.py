"""The one door for writing candidates and applications. Who may is decided before it is called."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TypedDict, Unpack

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jobs.candidates.contacts import UnfitText, email_of, mobile_of
from jobs.candidates.pinyin import spelling_of
from jobs.models import (
    Application,
    ApplicationEvent,
    Campaign,
    Candidate,
    Job,
    PersonalSettings,
)
from monitoring import audit

ROWS_A_STATEMENT = 2_000
CLOSED_STAGES = frozenset(
    {Application.Stage.HIRED, Application.Stage.REJECTED, Application.Stage.WITHDRAWN}
)
CampaignCandidate = Campaign.candidates.through


class CandidateFields(TypedDict, total=False):
    """What may be written about a candidate; mobile and e-mail in any form people type."""

    name: str
    mobile: str
    email: str
    city: str
    school: str
    major: str
    degree: str
    general_score: int | None
    written_score: int | None


class StaleVersion(Exception):
    """Somebody else changed this application meanwhile; `application` is how it stands now."""

    def __init__(self, application: Application) -> None:
        self.application = application
        super().__init__(self.__doc__)


@transaction.atomic
def candidate_create(
    *, campaign: Campaign | None = None, **fields: Unpack[CandidateFields]
) -> Candidate:
    """A new candidate, who joins the campaign if one is given.

    Raises ValidationError by field, also for a mobile or e-mail that somebody else has.
    """
    candidate = Candidate()
    _write(candidate, fields)
    if campaign is not None:
        candidates_join(candidates=[candidate], campaign=campaign)
    return candidate


@transaction.atomic
def candidate_update(*, candidate: Candidate, **fields: Unpack[CandidateFields]) -> Candidate:
    """Change the given fields of a candidate. Raises ValidationError by field."""
    candidate.refresh_from_db(from_queryset=Candidate.objects.select_for_update())
    _write(candidate, fields)
    return candidate


def _write(candidate: Candidate, fields: CandidateFields) -> None:
    for name, value in fields.items():
        setattr(candidate, name, value)
    problems: dict[str, str] = {}
    for name, normal_form in (("mobile", mobile_of), ("email", email_of)):
        try:
            setattr(candidate, name, normal_form(getattr(candidate, name)))
        except UnfitText as error:
            problems[name] = contact_problem(error)
    if problems:
        raise ValidationError(problems)
    candidate.name = candidate.name.strip()
    _spell(candidate)
    candidate.full_clean(validate_constraints=False)
    _refuse_taken_contacts(candidate)
    try:
        with transaction.atomic():
            candidate.save()
    except IntegrityError:  # entered by somebody else between the question and the answer
        _refuse_taken_contacts(candidate)
        raise


def _refuse_taken_contacts(candidate: Candidate) -> None:
    """The same person entered twice is said at the field, not as a broken constraint."""
    others = Candidate.objects.exclude(pk=candidate.pk)
    problems: dict[str, str] = {}
    if candidate.mobile and others.filter(mobile=candidate.mobile).exists():
        problems["mobile"] = _("Another candidate has this mobile number.")
    if candidate.email and others.filter(email__iexact=candidate.email).exists():
        problems["email"] = _("Another candidate has this e-mail address.")
    if problems:
        raise ValidationError(problems)


def contact_problem(error: UnfitText) -> str:
    """What is wrong with a contact, for the person who typed it."""
    if error.code == "email":
        return _("This is not an e-mail address.")
    return _("This is not a mobile number.")


def _spell(candidate: Candidate) -> None:
    spelling = spelling_of(candidate.name)
    candidate.pinyin, candidate.initials = spelling.pinyin, spelling.initials


@transaction.atomic
def candidates_create(*, people: Sequence[CandidateFields]) -> list[Candidate]:
    """Many new candidates at once, from values already checked and in normal form.

    Raises IntegrityError if somebody was entered meanwhile: nothing is written then.
    """
    candidates = [Candidate(**fields) for fields in people]
    for candidate in candidates:
        _spell(candidate)
    return Candidate.objects.bulk_create(candidates, batch_size=ROWS_A_STATEMENT)


@transaction.atomic
def candidates_join(*, candidates: Iterable[Candidate | int], campaign: Campaign) -> list[int]:
    """Bring candidates into a campaign; the ids of those who were not in it yet."""
    ids = {one if isinstance(one, int) else one.pk for one in candidates}
    links = CampaignCandidate.objects.filter(campaign=campaign, candidate__in=ids)
    joining = sorted(ids.difference(links.values_list("candidate_id", flat=True)))
    CampaignCandidate.objects.bulk_create(
        [CampaignCandidate(campaign=campaign, candidate_id=one) for one in joining],
        batch_size=ROWS_A_STATEMENT,
        ignore_conflicts=True,
    )
    return joining


@transaction.atomic
def candidates_leave(*, candidates: Collection[int], campaign: Campaign) -> int:
    """Take candidates out of a campaign in which they have no application; how many left."""
    links = CampaignCandidate.objects.filter(campaign=campaign, candidate__in=candidates)
    return links.exclude(candidate__applications__job__campaign=campaign).delete()[0]


@transaction.atomic
def candidates_remove_unused(*, candidates: Collection[int]) -> int:
    """Delete those of these who have no application and are in no campaign; how many are gone."""
    held = Candidate.objects.select_for_update().filter(pk__in=candidates).order_by("pk")
    ids = list(held.values_list("pk", flat=True))  # from here nobody else can apply
    unused = Candidate.objects.filter(pk__in=ids, applications=None, campaigns=None)
    # Without a signal for each: nobody without an application is in any list that is watched.
    gone = list(unused.values_list("pk", flat=True))
    if gone:
        audit.record(action=audit.Action.DELETE, label="jobs.candidate", ids=gone)
    doomed = Candidate.objects.filter(pk__in=gone)
    return doomed._raw_delete(doomed.db)


@transaction.atomic
def application_create(*, candidate: Candidate, job: Job, by: User | None) -> Application:
    """The candidate applies for the job and joins its campaign.

    Raises ValidationError if the candidate has applied for it already.
    """
    created = applications_create(candidates=[candidate], job=job, by=by)
    if not created:
        raise ValidationError({"candidate": _("This candidate has already applied for this job.")})
    return created[0]


@transaction.atomic
def applications_create(
    *, candidates: Collection[Candidate], job: Job, by: User | None
) -> list[Application]:
    """Applications for those who have none for this job yet; the others are left as they are."""
    Job.objects.select_for_update(no_key=True).get(pk=job.pk)  # one at a time for each job
    applied = set(job.applications.values_list("candidate_id", flat=True))
    new = [
        Application(candidate=candidate, job=job)
        for candidate in candidates
        if candidate.pk not in applied
    ]
    created = Application.objects.bulk_create(new)
    ApplicationEvent.objects.bulk_create(
        [ApplicationEvent(application=one, by=by, to_stage=one.stage) for one in created]
    )
    candidates_join(candidates=candidates, campaign=job.campaign)
    return created


@transaction.atomic
def application_move(
    *, application: Application, to: str, version: int, by: User | None, reason: str = ""
) -> Application:
    """Bring an application to another stage and remember who did it.

    Raises StaleVersion if it has changed since `version`, ValidationError for a stage that does not
    exist, the stage it is in, or a way out of a closed stage without a reason.
    """
    held = Application.objects.select_for_update().get(pk=application.pk)
    if held.version != version:
        raise StaleVersion(held)
    _refuse_move(held, to=to, reason=reason)
    event = ApplicationEvent(
        application=held, by=by, from_stage=held.stage, to_stage=to, reason=reason.strip()
    )
    event.full_clean(exclude=["application", "by"])  # nobody: the clock, a command
    held.stage, held.version = Application.Stage(to), held.version + 1
    held.save(update_fields=["stage", "version", "updated_at"])
    event.save()
    return held


def _refuse_move(application: Application, *, to: str, reason: str) -> None:
    if to not in Application.Stage.values:
        raise ValidationError({"stage": _("There is no such stage.")})
    if to == application.stage:
        raise ValidationError({"stage": _("The application is in this stage already.")})
    if application.stage in CLOSED_STAGES and not reason.strip():
        raise ValidationError({"reason": _("Say why a closed application is opened again.")})


@transaction.atomic
def language_choose(*, user: User, language: str) -> None:
    """Speak to this person in one of LANGUAGES from now on, on whichever machine.

    Raises ValidationError on `language`.
    """
    chosen, _is_new = PersonalSettings.objects.get_or_create(user=user)
    chosen.language = language
    chosen.full_clean()
    chosen.save()
