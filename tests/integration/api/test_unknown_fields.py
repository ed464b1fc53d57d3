"""Unknown and read-only fields are refused, so that clients notice that nothing was written."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from jobs.models import Application, Campaign, Candidate, Job
from tests.factories import make_application, make_candidate, make_job, make_room
from tests.support.clients.api import api_of, refused, state_of

WATCHED = (Application, Campaign, Candidate, Job)
READ_ONLY = {
    "campaigns/": "created_at",
    "jobs/": "updated_at",
    "candidates/": "applications",
    "applications/": "stage",
    "rooms/": "delay_minutes",
    "interviews/": "status",
}


@pytest.fixture
def addresses(campaign: Campaign) -> dict[str, str]:
    """Return the path of one row in each list that can be changed."""
    return {
        "campaigns/": f"campaigns/{campaign.slug}/",
        "jobs/": f"jobs/{make_job(campaign=campaign).pk}/",
        "candidates/": f"candidates/{make_candidate(campaign=campaign).pk}/",
        "rooms/": f"rooms/{make_room(campaign=campaign).pk}/",
    }


def test_creating_a_row_refuses_derived_fields(subtests: pytest.Subtests, admin: User) -> None:
    api = api_of(admin)
    before = state_of(*WATCHED)
    for address in READ_ONLY:
        with subtests.test(address=address):
            for field in ("id", READ_ONLY[address], "shoe_size"):
                assert refused(api.post(address, {field: 1})).keys() == {field}
            assert state_of(*WATCHED) == before


CHANGEABLE = ["campaigns/", "jobs/", "candidates/", "rooms/"]


def test_a_change_reports_every_field_it_cannot_change(
    subtests: pytest.Subtests, addresses: dict[str, str], lin: User
) -> None:
    before = state_of(*WATCHED)
    api = api_of(lin)
    api.client.cookies["django_language"] = "en"
    for address in CHANGEABLE:
        with subtests.test(address=address):
            fields: dict[str, Any] = {"id": 7, READ_ONLY[address]: "x", "shoe_size": 43}
            errors = refused(api.patch(addresses[address], fields | {"version": 1, "name": "New"}))
            assert errors.keys() - {"version", "name"} == fields.keys()
            assert {reason for one in errors.values() for reason in one} == {
                "This field cannot be changed here."
            }
            assert state_of(*WATCHED) == before


def test_reschedule_and_shift_refuse_further_fields(lin: User, campaign: Campaign) -> None:
    application, room = make_application(campaign=campaign), make_room(campaign=campaign)
    api = api_of(lin)
    move = {"stage": "screening", "version": 1, "note": "x"}
    assert refused(api.post(f"applications/{application.pk}/move/", move)).keys() == {"note"}
    shift = {"minutes": 5, "from": "2027-03-01T09:00", "hours": 1}
    assert refused(api.post(f"rooms/{room.pk}/shift/", shift)).keys() == {"hours"}
