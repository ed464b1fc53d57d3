"""A new SECRET_KEY, with the earlier one among SECRET_KEY_FALLBACKS, ends no session or link."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from interview.calendars.feed import owner_of
from interview.services import calendar_renew
from jobs.applications.links import link_of
from jobs.models import Campaign
from realtime.hub.admission import JoinRequest, TicketHolder, decide
from realtime.log import topics
from tests.factories import make_application
from tests.people import signed_in

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db]

NEW_KEY = "the-key-that-replaces-the-one-which-has-leaked"


@pytest.fixture(params=[True, False], ids=["with the earlier key", "without it"])
def keeps(request: pytest.FixtureRequest) -> bool:
    """Whether the earlier key stays among the fallbacks."""
    kept: bool = request.param
    return kept


def rotate(settings: Settings, *, keeps: bool) -> None:
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if keeps else []
    settings.SECRET_KEY = NEW_KEY


def test_sessions_survive_a_rotation_with_the_earlier_key(
    wu: User, settings: Settings, keeps: bool
) -> None:
    client = signed_in(Client(), wu)
    rotate(settings, keeps=keeps)
    for _ in range(2):  # the second request uses the session as the first has signed it again
        assert (client.get(reverse("me")).status_code == 200) is keeps


def test_private_links_survive_a_rotation_with_the_earlier_key(
    wu: User, campaign: Campaign, settings: Settings, keeps: bool
) -> None:
    feed = calendar_renew(user=wu)
    link = link_of(make_application(campaign=campaign))
    assert link is not None
    calendar, own_page = feed.token, reverse("my_application", args=[link.token])
    rotate(settings, keeps=keeps)
    assert (owner_of(calendar) == wu) is keeps
    assert (Client().get(own_page, follow=True).status_code == 200) is keeps
    assert owner_of(feed.token) == wu, "the address that is shown now works in any case"


def test_open_sockets_survive_a_rotation_with_the_earlier_key(
    wu: User, settings: Settings, keeps: bool
) -> None:
    session = signed_in(Client(), wu).session.session_key
    holder = TicketHolder.of(wu)

    def own(user: User, name: str) -> str:
        return topics.person(user.pk)

    requests = [JoinRequest(own, "", session_key=session), JoinRequest(own, "", holder=holder)]
    assert [one.refusal for one in decide(requests)] == [None, None], "before the rotation"
    rotate(settings, keeps=keeps)
    assert [one.refusal is None for one in decide(requests)] == [keeps, keeps]
