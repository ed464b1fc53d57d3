"""Reports are computed once for all readers, and never outdated by a change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pytest_django import Settings

from interview import services
from interview.analytics.cache import REPORT_CACHE, cached_report
from interview.analytics.period import Period
from interview.analytics.registry import REPORTS
from jobs.applications.services import application_move
from jobs.models import Campaign
from jobs.privacy.anonymisation import candidates_anonymise
from realtime.circuit_breaker import CircuitBreaker
from realtime.versioned_cache import COOLDOWN_SECONDS
from tests.factories import NOBODY, make_application, make_campaign, make_interview
from tests.support.product.clock import Clock

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clock"),
]
REASON = "The flight is late"


@pytest.fixture(autouse=True)
def _enabled_cache(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.CACHE_PAGES = True
    # An earlier test without Redis may have opened the circuit breaker for some seconds.
    monkeypatch.setattr(REPORT_CACHE, "_breaker", CircuitBreaker(COOLDOWN_SECONDS))
    REPORT_CACHE.invalidate()
    yield
    REPORT_CACHE.invalidate()


@pytest.fixture
def november(campaign: Campaign) -> Period:
    return Period(campaign, date(2026, 11, 1), date(2026, 11, 30))


def queries(name: str, period: Period) -> int:
    with CaptureQueriesContext(connection) as captured:
        cached_report(name, period)
    return len(captured)


def test_a_repeated_report_takes_no_queries(subtests: pytest.Subtests, november: Period) -> None:
    make_interview(campaign=november.campaign)
    for subject in REPORTS:
        with subtests.test(subject=subject):
            assert queries(subject, november) > 0, "the premise"
            assert queries(subject, november) == 0
            assert cached_report(subject, november) == REPORTS[subject](november)


def test_reports_are_cached_by_campaign_period_and_language(november: Period) -> None:
    cached_report("funnel", november)
    elsewhere = Period(make_campaign(), november.since, november.until)
    shorter = Period(november.campaign, november.since, date(2026, 11, 2))
    assert queries("funnel", elsewhere) > 0
    assert queries("funnel", shorter) > 0
    with translation.override("zh-hans"):
        assert cached_report("funnel", november).title == "招聘漏斗"


def test_a_stage_change_is_counted_at_once(november: Period, clock: Clock) -> None:
    application = make_application(campaign=november.campaign)
    before = cached_report("funnel", november)
    application_move(
        application=application, to="screening", version=1, by=None, reason="Reads well"
    )
    assert cached_report("funnel", november) != before
    assert cached_report("funnel", november) == REPORTS["funnel"](november)


def test_anonymising_a_candidate_removes_the_reason_from_the_report(
    november: Period, lin: User, clock: Clock
) -> None:
    interview = make_interview(campaign=november.campaign)
    services.interview_cancel(
        interview_id=interview.pk, version=1, reason=REASON, side="candidate", actor=NOBODY
    )
    assert REASON in str(cached_report("reasons", november).rows)
    candidates_anonymise(candidates=[interview.application.candidate_id], by=lin)
    assert REASON not in str(cached_report("reasons", november).rows)
