"""Figures are read once for all who want them, and are never those of before a change."""

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
from interview.analytics.cache import FIGURES, figures
from interview.analytics.period import Period
from interview.analytics.subjects import SUBJECTS
from jobs.applications.services import application_move
from jobs.models import Campaign
from jobs.privacy.anonymisation import candidates_anonymise
from tests.factories import NOBODY, make_application, make_campaign, make_interview
from tests.support.clock import Clock

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clock"),
]
REASON = "The flight is late"


@pytest.fixture(autouse=True)
def _remembering(settings: Settings) -> Iterator[None]:
    settings.CACHE_PAGES = True
    FIGURES.invalidate()
    yield
    FIGURES.invalidate()


@pytest.fixture
def november(campaign: Campaign) -> Period:
    return Period(campaign, date(2026, 11, 1), date(2026, 11, 30))


def queries(subject: str, period: Period) -> int:
    with CaptureQueriesContext(connection) as captured:
        figures(subject, period)
    return len(captured)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_whoever_asks_for_the_same_after_another_asks_the_database_nothing(
    november: Period, subject: str
) -> None:
    make_interview(campaign=november.campaign)
    assert queries(subject, november) > 0, "the premise"
    assert queries(subject, november) == 0
    assert figures(subject, november) == SUBJECTS[subject](november)


def test_another_campaign_other_days_and_another_language_are_others(november: Period) -> None:
    figures("funnel", november)
    elsewhere = Period(make_campaign(), november.since, november.until)
    shorter = Period(november.campaign, november.since, date(2026, 11, 2))
    assert queries("funnel", elsewhere) > 0
    assert queries("funnel", shorter) > 0
    with translation.override("zh-hans"):
        assert figures("funnel", november).title == "招聘漏斗"


def test_a_stage_that_moves_is_counted_at_once(november: Period, clock: Clock) -> None:
    application = make_application(campaign=november.campaign)
    before = figures("funnel", november)
    application_move(
        application=application, to="screening", version=1, by=None, reason="Reads well"
    )
    assert figures("funnel", november) != before
    assert figures("funnel", november) == SUBJECTS["funnel"](november)


def test_a_reason_goes_with_whoever_it_was_about(november: Period, lin: User, clock: Clock) -> None:
    interview = make_interview(campaign=november.campaign)
    services.interview_cancel(
        interview_id=interview.pk, version=1, reason=REASON, side="candidate", actor=NOBODY
    )
    assert REASON in str(figures("reasons", november).rows)
    candidates_anonymise(candidates=[interview.application.candidate_id], by=lin)
    assert REASON not in str(figures("reasons", november).rows)
