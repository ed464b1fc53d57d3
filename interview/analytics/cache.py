"""Caches reports until the rows they count change: a long history takes a second to compute."""

from __future__ import annotations

from django.utils.translation import get_language

from interview.analytics.period import Period
from interview.analytics.registry import REPORTS
from interview.analytics.report import Report
from interview.models import Interview, InterviewAssignment, Scorecard
from jobs.models import Application, Campaign, Candidate, Job
from realtime.versioned_cache import Codec, VersionedCache

REPORT_CACHE = VersionedCache("figures")
AS_JSON = Codec(dump=Report.as_json, load=Report.from_json)


def cached_report(name: str, period: Period) -> Report:
    """Returns the report of this name, in the active language.

    Does not check permissions: the caller must have checked access to the campaign.
    """
    key = (period.campaign.pk, period.since, period.until, name, get_language())
    return REPORT_CACHE.get_or_compute(
        ":".join(map(str, key)), lambda: REPORTS[name](period), AS_JSON
    )


def connect() -> None:
    """Invalidates the cache when one of the reported models changes. Called by `apps.ready()`.

    Events are written in the same transaction as these models. Candidate is among them because
    anonymising a candidate erases the reasons people entered.
    """
    REPORT_CACHE.invalidate_on_change(
        Application, Campaign, Candidate, Interview, InterviewAssignment, Job, Scorecard
    )
