"""Every page of the site: its URL name, the person it is for, and example objects to show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse
from django.utils import timezone

from interview.models import Interview
from jobs.applications.links import link_of
from jobs.models import Campaign, PendingApplication
from jobs.models.imports import ImportRun
from tests.factories import (
    make_application,
    make_bulk_plan,
    make_candidate,
    make_interview,
    make_job,
    make_room,
)
from tests.people import signed_in

COURSE_FILE = Path(__file__).parents[2] / "data" / "course_candidates.csv"
# The person each page is for; None: anybody, signed out.
PAGES: dict[str, str | None] = {
    "login": None,
    **dict.fromkeys(("password_reset", "password_reset_done", "password_reset_confirm"), None),
    **dict.fromkeys(("job_list", "jobs", "job", "apply", "applied", "my_application"), None),
    "confirm_application": None,
    **dict.fromkeys(("home", "me", "my_calendar", "scorecard", "scorecard_amend"), "wu"),
    **dict.fromkeys(("change_password", "personal_settings", "api_docs", "api_tokens"), "wu"),
    **dict.fromkeys(("confirm_password", "sign_ins"), "wu"),
    **dict.fromkeys(("boards", "board", "wall", "interview", "analytics", "audit"), "lin"),
    **dict.fromkeys(("applications", "bulk_plans", "bulk_plan", "schedule"), "lin"),
    **dict.fromkeys(("candidates", "conflicts", "merge", "imports", "import"), "lin"),
    **dict.fromkeys(("privacy", "erase"), "lin"),
    **dict.fromkeys(("ops", "tasks"), "chen"),
    "sentry_debug": "admin",
}
# These take forms, send files, or serve scripts and programs: none is shown as a page.
NO_PAGES = {
    *(
        "admin_password_reset",
        "logout",
        "set_language",
        "read_notices",
        "send_again",
        "interview_action",
        "bulk_line",
    ),
    *("bulk_do", "bulk_move", "bulk_tell", "export", "cancel_task"),
    *(
        "calendar_feed",
        "my_interview_file",
        "my_data_file",
        "decline_erasure",
        "resume",
        "import_rejected",
        "task_result",
    ),
    *("ops_now", "schema", "sockets_schema", "healthz", "readyz", "metrics", "site_metrics"),
    "alerts",
}


def names_of(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    """Yields the names of all URLs except the admin's and the API's."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin" and not str(pattern.pattern).startswith("api/"):
                yield from names_of(pattern.url_patterns)
        elif pattern.name and not str(pattern.pattern).startswith(("api/v1", "^api/v1")):
            yield pattern.name


@dataclass(frozen=True, slots=True)
class ExampleObjects:
    """One object of each kind, and the addresses of the pages that show them."""

    campaign: Campaign
    interview: Interview
    token: str
    confirming: str
    plan: int
    run: str
    namesake: int

    def address(self, name: str) -> str:
        interview, application = self.interview.pk, self.interview.application
        arguments: dict[str, Any] = {
            "board": self.campaign.slug,
            "wall": self.campaign.slug,
            "interview": interview,
            "scorecard": interview,
            "scorecard_amend": interview,
            "job": application.job_id,
            "apply": application.job_id,
            "applied": application.job_id,
            "schedule": application.pk,
            "my_application": self.token,
            "confirm_application": self.confirming,
            "bulk_plan": self.plan,
            "import": self.run,
            "erase": application.candidate_id,
        }
        if name == "password_reset_confirm":
            return reverse(name, args=["MQ", "a-link-that-was-used"])
        found = reverse(name, args=[arguments[name]] if name in arguments else [])
        if name == "merge":
            found += f"?one={application.candidate_id}&other={self.namesake}"
        return found


@pytest.fixture
def example_objects(campaign: Campaign, lin: User, wu: User, zhao: User) -> ExampleObjects:
    now = timezone.now()
    application = make_application(job=make_job(campaign=campaign, is_published=True))
    room = make_room(campaign=campaign)
    interview = make_interview(
        application=application,
        room=room,
        status="arrived",
        interviewers=[wu, zhao],
        starts_at=now,
    )
    link = link_of(application)
    assert link is not None
    pending = PendingApplication.objects.create(
        job=application.job,
        email="su@example.com",
        entries={"name": "苏晴", "mobile": "+8618100007777"},
        language="en",
        consent_version="2026-11/2y",
        consented_at=now,
    )
    plan = make_bulk_plan(
        campaign=campaign,
        owner=lin,
        applications=[application],
        rooms=[room],
        interviewers=[wu],
        days=[(timezone.now() + timedelta(days=1)).date()],
    )
    file = SimpleUploadedFile("people.csv", COURSE_FILE.read_bytes())
    signed_in(Client(), lin).post(reverse("imports"), {"file": file, "campaign": campaign.slug})
    run, namesake = ImportRun.objects.get(), make_candidate(campaign=campaign)
    return ExampleObjects(
        campaign, interview, link.token, pending.token, plan.pk, str(run.pk), namesake.pk
    )
