"""E-mail addresses as people paste them: forms, API, import and mail agree about each."""

from __future__ import annotations

import unicodedata
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from interview.models import Delivery
from interview.notifications.email.message import build_email
from jobs.applications.forms import ApplicationForm
from jobs.candidates.contacts import InvalidContact, deliverable_email, normalize_email
from jobs.candidates.services import candidate_create, candidate_update
from jobs.imports import plan
from jobs.models import Campaign, Candidate
from tests.factories import make_candidate
from tests.people import signed_in
from tests.support.clients.api import api_of, refused

FILE = Path(__file__).parent / "imports" / "e15_email_tail.csv"

LOCAL_PARTS = st.from_regex(r"[a-z0-9]{1,10}([._+'-][a-z0-9]{1,8})?", fullmatch=True)
LABELS = st.from_regex(r"[a-z0-9]{2,12}(-[a-z0-9]{1,8})?", fullmatch=True) | st.sampled_from(
    ["例子", "招聘", "müller", "пример"]
)
DOMAINS = st.builds("{}.{}".format, LABELS, st.sampled_from(["com", "cn", "com.cn", "net", "中国"]))
ADDRESSES = st.builds("{}@{}".format, LOCAL_PARTS, DOMAINS)
PUNCTUATION = st.text(
    "。，、；：！？．,;:!?'\"”’》）】」』〕>)]} \u3000\u00a0\t\r\n…·|/", max_size=4
)
OPENING = st.text("“‘《（【「『<([{ \u3000\u00a0'\"", max_size=3)
UNSEEN = st.sampled_from("\u200b\u200c\u200d\u200e\u202a\u202c\u2060\u2066\ufeff\u00ad\u061c\ufe0f")


def wide(text: str) -> str:
    """The text as a Chinese keyboard in full-width mode writes it."""
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


@given(address=ADDRESSES, before=OPENING, behind=PUNCTUATION)
def test_punctuation_around_an_address_does_not_change_it(
    address: str, before: str, behind: str
) -> None:
    assert normalize_email(f"{before}{address}{behind}") == normalize_email(address) == address


@given(address=ADDRESSES, unseen=UNSEEN, place=st.integers(0, 30))
def test_an_invisible_character_does_not_change_an_address(
    address: str, unseen: str, place: int
) -> None:
    assert normalize_email(address[:place] + unseen + address[place:]) == address


@given(address=ADDRESSES)
def test_full_width_characters_are_the_same_address(address: str) -> None:
    assert normalize_email(wide(address)) == address
    assert normalize_email(address.replace(".", "。").upper()) == address


@given(address=ADDRESSES)
def test_a_domain_is_the_same_in_unicode_and_in_ascii(address: str) -> None:
    in_ascii = deliverable_email(address)
    assert in_ascii.isascii()
    assert normalize_email(in_ascii) == address


@given(
    text=st.text(max_size=30)
    | st.builds("{}{}{}".format, st.text(max_size=3), ADDRESSES, PUNCTUATION)
)
def test_an_accepted_address_can_be_delivered_and_stays_as_it_is(text: str) -> None:
    try:
        address = normalize_email(text)
    except InvalidContact:
        return
    assert normalize_email(address) == address
    if address:
        assert deliverable_email(address).isascii()
        assert not any(unicodedata.category(one) in ("Cc", "Cf", "Zs") for one in address)


EXPECTED = {
    "陈一": "c1@example.com",
    "陈二": "c2@example.com",
    "陈三": "c3@example.com",
    "陈四": "c4@example.com",
    "陈五": "c5@example.com",
    "陈六": "email",
    "陈七": "c7@qq.con",
    "陈八": "c8@例子.中国",
    "陈九": "emails",
    "陈十": "c10@example.com",
}


def test_each_address_of_the_file_is_repaired_or_refused() -> None:
    rows = list(plan.open_file(FILE.read_bytes()).parsed_rows)
    found = {
        row.values["name"]: row.problems[0].code if row.problems else row.values["email"]
        for row in rows
    }
    assert found == EXPECTED
    assert [(one.row, one.params) for row in rows for one in row.hints] == [
        (8, {"typed": "qq.con", "meant": "qq.com"})
    ]


ENTERED = [line.split(",", 1)[1] for line in FILE.read_text("utf-8").splitlines()[1:]]


@pytest.mark.parametrize("text", ENTERED)
def test_the_application_form_agrees_with_the_import(text: str) -> None:
    form = ApplicationForm({"name": "陈", "mobile": "18100009999", "email": text, "consent": "on"})
    assert agreed(text) == (form.cleaned_data["email"] if form.is_valid() else None)


def test_an_address_of_invisible_characters_is_missing() -> None:
    form = ApplicationForm(
        {"name": "陈", "mobile": "18100009999", "email": "\u200b", "consent": "on"}
    )
    assert list(form.errors) == ["email"]


def agreed(text: str) -> str | None:
    """The address as the import stores it; None if it is refused."""
    (row,) = plan.open_file(f'name,email\nAda,"{text}"\n'.encode()).parsed_rows
    return None if row.problems else str(row.values["email"])


@pytest.mark.django_db
def test_the_api_the_admin_and_the_services_agree_with_the_import(
    subtests: pytest.Subtests, lin: User, admin: User, campaign: Campaign
) -> None:
    for text in ENTERED:
        with subtests.test(text=text):
            assert by_service(text) == by_api(lin, text) == by_admin(admin, text) == agreed(text)


def by_service(text: str) -> str | None:
    try:
        return forgotten(candidate_create(name="陈", email=text))
    except ValidationError:
        return None


def by_api(person: User, text: str) -> str | None:
    answer = api_of(person).post("candidates/", {"name": "陈", "email": text})
    if answer.status_code == 201:
        return forgotten(Candidate.objects.get(pk=answer.json()["id"]))
    assert list(refused(answer)) == ["email"]
    return None


def by_admin(admin: User, text: str) -> str | None:
    client = signed_in(Client(), admin)
    answer = client.post(reverse("admin:jobs_candidate_add"), {"name": "陈", "email": text})
    if answer.status_code == 302:
        return forgotten(Candidate.objects.get())
    assert list(answer.context["adminform"].form.errors) == ["email"]
    return None


def forgotten(candidate: Candidate) -> str:
    """Returns the candidate's address, and deletes them, so that the next may have the same."""
    candidate.delete()
    return candidate.email


@pytest.mark.django_db
def test_the_api_hints_at_a_mistyped_domain_and_stores_it(lin: User, campaign: Campaign) -> None:
    answer = api_of(lin).post("candidates/", {"name": "陈", "email": "c7@qq.con"}).json()
    assert answer["email"] == "c7@qq.con"
    assert "qq.com" in answer["email_hint"]
    changed = api_of(lin).patch(f"candidates/{answer['id']}/", {"email": "c7@qq.com"}).json()
    assert changed["email_hint"] == ""


@pytest.mark.django_db
def test_an_old_address_does_not_prevent_other_changes() -> None:
    candidate = make_candidate()
    Candidate.objects.filter(pk=candidate.pk).update(email="old@mail.local")
    assert candidate_update(candidate=candidate, city="上海").city == "上海"


@pytest.mark.django_db
@pytest.mark.parametrize(("stored", "sent_to"), [("wu@例子.中国", "wu@xn--fsqu00a.xn--fiqs8s")])
def test_mail_to_an_address_stored_before_goes_to_the_repaired_one(
    wu: User, stored: str, sent_to: str
) -> None:
    wu.email = f"{stored}。"
    delivery = Delivery(person=wu, event=Delivery.Event.DIGEST, channel="email")
    delivery.pk, delivery.created_at = 1, wu.date_joined
    assert build_email(delivery).to == [sent_to]


@pytest.mark.django_db
def test_an_account_in_the_admin_gets_the_repaired_address(admin: User, wu: User) -> None:
    client = signed_in(Client(), admin)
    page = reverse("admin:auth_user_change", args=[wu.pk])
    form: Any = client.get(page).context["adminform"].form
    entered = {name: value for name, value in form.initial.items() if value not in (None, [])}
    entered |= {"groups": [one.pk for one in wu.groups.all()]}
    entered |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00", "email": "Wu@mail.local，"}
    answer = client.post(page, entered)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    wu.refresh_from_db()
    assert wu.email == "wu@mail.local"


@pytest.mark.django_db
def test_addresses_stored_before_are_repaired_unless_somebody_has_the_repaired_one() -> None:
    stored = ["a@example.com。", "b@example.com】", "b@example.com", "c@例子.中国"]
    ids = [make_candidate(email="").pk for _ in stored]
    for pk, address in zip(ids, stored, strict=True):
        Candidate.objects.filter(pk=pk).update(email=address)
    migration = import_module("jobs.migrations.0010_repaired_email_addresses")
    migration.repair_addresses(apps, None)
    repaired = [Candidate.objects.get(pk=pk).email for pk in ids]
    assert repaired == ["a@example.com", "b@example.com】", "b@example.com", "c@例子.中国"]
