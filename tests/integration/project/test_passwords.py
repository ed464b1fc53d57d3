"""New passwords: what they end, how they are refused, and the way back to a lost one."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from interview.models import CalendarFeed, Delivery
from interview.notifications.email.account_notices import token_warnings_send
from interview.notifications.email.message import build_email
from interview.services import calendar_renew
from realtime.http.rate_limit_settings import limits_from
from realtime.http.tokens import api_token_create
from realtime.models import ApiToken, Change, SignIn
from tests.people import PASSWORD, FastHasher, signed_in
from tests.support.product.clock import Clock

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.django_db]

NEW = "over-the-hills-and-far-away"
CHANGE = "/accounts/password/"
LOST = "/accounts/password/lost/"


@pytest.fixture
def wu_client(client: Client, wu: User) -> Client:
    client.cookies["django_language"] = "en"
    return signed_in(client, wu)


def change(client: Client, new: str = NEW, old: str = PASSWORD, **choices: str):
    return client.post(
        CHANGE, {"old_password": old, "new_password1": new, "new_password2": new, **choices}
    )


def text_of(delivery: Delivery) -> str:
    email = build_email(delivery)
    return f"{email.subject}\n{email.body}"


def account_emails() -> list[str]:
    """The texts of the notices about accounts, in the order of sending."""
    return [text_of(one) for one in Delivery.objects.filter(event="account").order_by("pk")]


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(
    wu_client: Client, wu: User, zhao: User
) -> None:
    elsewhere, colleague = signed_in(Client(), wu), signed_in(Client(), zhao)
    assert change(wu_client).status_code == 302
    assert wu_client.get(reverse("me")).status_code == 200
    assert elsewhere.get(reverse("me")).status_code == 302
    assert colleague.get(reverse("me")).status_code == 200
    keys = {one.session.session_key for one in (wu_client, colleague)}
    assert set(Session.objects.values_list("session_key", flat=True)) == keys
    assert Change.objects.filter(topic="access", key=f"person:{wu.pk}").exists()


def test_tokens_and_the_calendar_end_only_if_the_person_says_so(
    wu_client: Client, wu: User
) -> None:
    assert "revoke" not in wu_client.get(CHANGE).content.decode(), "there is nothing to ask about"
    api_token_create(user=wu, name="A script")
    calendar_renew(user=wu)
    asked = wu_client.get(CHANGE).content.decode()
    assert "Also revoke my 1 API token" in asked
    assert re.search(r'name="revoke_tokens"[^>]* checked', asked)
    assert not re.search(r'name="revoke_calendar"[^>]* checked', asked)
    change(wu_client)
    assert (ApiToken.objects.count(), CalendarFeed.objects.count()) == (1, 1)
    change(wu_client, PASSWORD, NEW, revoke_tokens="on", revoke_calendar="on")
    assert (ApiToken.objects.count(), CalendarFeed.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short-8-one", "password_too_short"),
        ("187346529046", "password_entirely_numeric"),
        ("administrator", "password_too_common"),
        ("lei.wu@company", "password_too_similar"),
    ],
)
def test_an_easily_guessed_password_is_refused_and_changes_nothing(
    wu_client: Client, wu: User, password: str, code: str
) -> None:
    wu.email = "lei.wu@company.example"
    wu.save()
    elsewhere = signed_in(Client(), wu)
    refused = change(wu_client, password)
    assert refused.status_code == 400
    codes = [one.code for one in refused.context["form"].errors.as_data()["new_password1"]]
    assert code in codes
    assert elsewhere.get(reverse("me")).status_code == 200
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("password", "is_accepted"),
    [
        ("x7 " * 42 + "ab", True),  # 128 characters
        ("x7 " * 42 + "abc", False),
        ("correct horse battery staple", True),
        ("密码要足够长才安全可靠好记", True),
        ("🐎🔋📎🌈🎻🚲🌵🍋🪁🧭🪵🫧", True),
    ],
)
def test_any_characters_are_allowed_up_to_a_length_of_128(
    wu_client: Client, wu: User, password: str, is_accepted: bool
) -> None:
    assert change(wu_client, password).status_code == (302 if is_accepted else 400)
    wu.refresh_from_db()
    assert wu.check_password(password) is is_accepted
    assert wu.check_password(password[:-1]) is False, "nothing is cut off"


def test_a_password_from_a_leaked_list_is_to_be_changed_at_the_sign_in(
    client: Client, wu: User
) -> None:
    wu.set_password("administrator")
    wu.save()
    client.cookies["django_language"] = "en"
    sent = {"username": "wu", "password": "administrator", "next": reverse("me")}
    page = client.post(reverse("login"), sent, follow=True)
    assert page.request["PATH_INFO"] == CHANGE
    assert "Your password is easy to guess" in page.content.decode()
    wu.set_password(NEW)
    wu.save()
    answer = client.post(reverse("login"), sent | {"password": NEW})
    assert answer["Location"] == reverse("me")


def test_wrong_old_passwords_count_towards_the_lockout(
    wu_client: Client, wu: User, settings: Settings
) -> None:
    settings.SIGN_IN_FAILURES = 3
    assert [change(wu_client, old="guessed").status_code for _ in range(3)] == [400, 400, 429]
    assert change(wu_client).status_code == 429
    wu.refresh_from_db()
    assert wu.check_password(PASSWORD)


def test_the_admin_changes_ones_own_password_on_the_same_page(admin: User, client: Client) -> None:
    signed_in(client, admin)
    assert client.get("/admin/password_change/")["Location"] == CHANGE


def test_an_administrator_sets_a_password_and_ends_the_persons_access(
    admin: User, client: Client, wu: User, clock: Clock
) -> None:
    signed_in(client, admin)
    wu_client = signed_in(Client(), wu)
    api_token_create(user=wu, name="A script")
    address = reverse("admin:auth_user_password_change", args=[wu.pk])
    assert 'name="revoke_tokens"' in client.get(address).content.decode()
    form = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    form |= {"set-password": "1", "revoke_tokens": "on"}
    clock.shift(minutes=20)
    asked = client.post(address, form)
    assert asked.status_code == 403, "administrators confirm their own password"
    wu.refresh_from_db()
    assert wu.check_password(PASSWORD)
    page = client.post(address, {"confirm_password": PASSWORD, "confirm_page": "yes"})
    assert page["Location"] == address, "asked in place of the page, which then has no errors"
    clock.shift(minutes=20)
    assert client.post(address, form | {"confirm_password": PASSWORD}).status_code == 302
    wu.refresh_from_db()
    assert wu.check_password(NEW)
    assert wu_client.get(reverse("me")).status_code == 302
    assert not ApiToken.objects.exists()
    assert (
        "Your password was changed" in account_emails()[-1] or "密码已修改" in account_emails()[-1]
    )


def test_people_learn_by_e_mail_of_a_new_password_and_a_new_token(
    wu_client: Client, wu: User
) -> None:
    wu_client.post(reverse("personal_settings"), {"language": "en", "mailed": []})
    change(wu_client)
    token = {"do": "make", "name": "A script", "scope": "read", "days": "30", "password": NEW}
    assert wu_client.post(reverse("api_tokens"), token).status_code == 200
    first, second = account_emails()
    assert "Your password was changed" in first
    assert "An API token was created" in second
    for text in (first, second):
        assert "If this was not you" in text
        assert NEW not in text


def test_people_learn_a_week_before_that_an_api_token_expires(
    wu_client: Client, wu: User, clock: Clock
) -> None:
    wu_client.post(reverse("personal_settings"), {"language": "en", "mailed": []})
    api_token_create(user=wu, name="Wallboard", days=30)
    start = timezone.now()
    assert token_warnings_send(start, start + timedelta(days=22)) == 0
    window = (start + timedelta(days=22), start + timedelta(days=23, minutes=1))
    assert token_warnings_send(*window) == 1
    assert token_warnings_send(window[1], start + timedelta(days=40)) == 0, "told once"
    (text,) = account_emails()
    assert "An API token expires soon" in text
    assert "Wallboard" in text


def test_the_earlier_and_the_new_address_learn_of_a_change_of_e_mail(
    admin: User, client: Client, wu: User
) -> None:
    signed_in(client, admin)
    address = reverse("admin:auth_user_change", args=[wu.pk])
    form = client.get(address).context["adminform"].form
    values = {name: form.initial.get(name) or "" for name in form.fields if name != "password"}
    values |= {"email": "new@example.com", "date_joined_0": "2026-11-01", "date_joined_1": "08:00"}
    values |= {"last_login_0": "", "last_login_1": "", "is_active": "on", "is_superuser": ""}
    values |= {"groups": [group.pk for group in wu.groups.all()], "user_permissions": []}
    assert client.post(address, values).status_code == 302
    wu.refresh_from_db()
    assert wu.email == "new@example.com"
    sent_to = [build_email(one).to for one in Delivery.objects.order_by("pk")]
    assert sent_to == [["new@example.com"], ["wu@example.com"]]


def reset_link(delivery: Delivery) -> str:
    match = re.search(
        r"https?://[^/]+(/accounts/password/new/\S+)", str(build_email(delivery).body)
    )
    assert match
    return match[1]


def test_a_lost_password_is_set_anew_by_the_link_in_an_e_mail(
    client: Client, wu: User, settings: Settings
) -> None:
    elsewhere = signed_in(Client(), wu)
    api_token_create(user=wu, name="A script")
    assert client.post(LOST, {"email": "WU@example.com"}).status_code == 302
    delivery = Delivery.objects.get(event="password_reset")
    assert delivery.facts == {}, "the link is created when the e-mail is sent, and not stored"
    page = client.get(reset_link(delivery), follow=True)
    address = page.request["PATH_INFO"]
    assert "set-password" in address, "the token is in no address that a browser shows or sends on"
    form = {"new_password1": NEW, "new_password2": NEW, "revoke_tokens": "on"}
    assert client.post(address, form)["Location"] == reverse("login")
    assert elsewhere.get(reverse("me")).status_code == 302
    assert not ApiToken.objects.exists()
    wu.refresh_from_db()
    assert wu.check_password(NEW)
    again = Client().get(reset_link(delivery).replace("x", "y"), follow=True)
    assert again.context["validlink"] is False


def test_both_sign_in_pages_link_to_the_way_back(client: Client, db: None) -> None:
    assert LOST in client.get("/accounts/login/").content.decode()
    link = reverse("admin_password_reset")
    assert link in client.get("/admin/login/").content.decode()
    assert client.get(link)["Location"] == LOST


def test_a_reset_link_works_once_and_for_two_hours(client: Client, wu: User, clock: Clock) -> None:
    client.post(LOST, {"email": wu.email})
    link = reset_link(Delivery.objects.get())
    assert client.get(link, follow=True).context["validlink"]
    wu.set_password(NEW)
    wu.save()
    assert not Client().get(link, follow=True).context["validlink"], "it was used"


def test_asking_for_a_link_does_not_tell_which_addresses_have_an_account(
    client: Client, wu: User
) -> None:
    answers = [
        client.post(LOST, {"email": one}, follow=True) for one in (wu.email, "x@example.com")
    ]
    texts = {re.sub(r'value="[^"]+"', "", one.content.decode()) for one in answers}
    assert len(texts) == 1
    assert Delivery.objects.count() == 1


def test_one_account_gets_at_most_five_links_an_hour(
    client: Client, wu: User, settings: Settings
) -> None:
    settings.RATE_LIMITS = limits_from("")
    for _ in range(7):
        assert client.post(LOST, {"email": wu.email}).status_code == 302
    assert Delivery.objects.filter(event="password_reset").count() == 5


def test_a_new_password_by_e_mail_lifts_the_lockout(
    client: Client, wu: User, settings: Settings
) -> None:
    settings.SIGN_IN_FAILURES, settings.SIGN_IN_FAILURES_PER_ACCOUNT = 3, 5
    for address in ("10.1.0.1", "10.1.0.2"):
        for _ in range(3):
            guess = {"username": "wu", "password": "guessed"}
            Client(REMOTE_ADDR=address).post(reverse("login"), guess)
    right = {"username": "wu", "password": PASSWORD}
    assert client.post(reverse("login"), right).status_code == 429
    client.post(LOST, {"email": wu.email})
    address = client.get(reset_link(Delivery.objects.get()), follow=True).request["PATH_INFO"]
    assert client.post(address, {"new_password1": NEW, "new_password2": NEW}).status_code == 302
    assert client.post(reverse("login"), right | {"password": NEW}).status_code == 302


class StrongerHasher(FastHasher):
    """The hasher of a later version of Django, with more rounds."""

    iterations = 2_000


@pytest.fixture
def _stronger_hashes(wu: User, settings: Settings) -> None:
    wu.password = make_password(PASSWORD)
    wu.save()
    settings.PASSWORD_HASHERS = [f"{__name__}.StrongerHasher"]


@pytest.mark.usefixtures("_stronger_hashes")
def test_a_stronger_hash_of_the_same_password_ends_no_session(wu: User, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [f"{FastHasher.__module__}.FastHasher"]
    before = signed_in(Client(), wu)
    settings.PASSWORD_HASHERS = [f"{__name__}.StrongerHasher"]
    after = signed_in(Client(), wu)
    assert User.objects.get(pk=wu.pk).password != wu.password, "the hash was replaced"
    assert before.get(reverse("me")).status_code == 200
    assert after.get(reverse("me")).status_code == 200


@pytest.mark.usefixtures("_stronger_hashes")
def test_a_stronger_hash_is_no_use_of_the_other_sessions(
    wu: User, settings: Settings, clock: Clock
) -> None:
    """A forgotten browser ends when it would have ended."""
    settings.SESSION_COOKIE_AGE = 3600
    settings.PASSWORD_HASHERS = [f"{FastHasher.__module__}.FastHasher"]
    forgotten = signed_in(Client(), wu)
    used = SignIn.objects.get().last_used_at
    clock.shift(minutes=50)
    settings.PASSWORD_HASHERS = [f"{__name__}.StrongerHasher"]
    signed_in(Client(), wu)
    assert User.objects.get(pk=wu.pk).password != wu.password, "the hash was replaced"
    assert SignIn.objects.get(pk=forgotten.session["sign_in"]).last_used_at == used
    clock.shift(minutes=11)
    assert forgotten.get(reverse("me")).status_code == 302


@pytest.mark.usefixtures("_stronger_hashes")
def test_two_simultaneous_sign_ins_end_neither_session(
    wu: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one begins after the first has read the hash, and ends before it replaces it."""
    second = Client()

    def sign_in_meanwhile(password: str) -> str:
        monkeypatch.undo()
        signed_in(second, wu)
        return make_password(password)

    monkeypatch.setattr("project.accounts.auth_backend.make_password", sign_in_meanwhile)
    first = signed_in(Client(), wu)
    assert "_auth_user_id" in second.session, "the sign-ins have overlapped"
    for client in (first, second):
        assert client.get(reverse("me")).status_code == 200
