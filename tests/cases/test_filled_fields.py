"""An import fills empty fields of candidates who exist already, and never overwrites a value."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from jobs.candidates import services as candidate_services
from jobs.candidates.services import CandidateFields
from jobs.imports import plan, runs
from jobs.imports.plan import ExistingCandidate
from jobs.merging.diff import digest_of, records_of
from jobs.merging.execute import candidates_merge
from jobs.models import Campaign, Candidate, PersonalSettings
from jobs.models.imports import FilledCandidate, ImportRun
from jobs.privacy.anonymisation import candidates_anonymise
from monitoring.models import AuditEntry
from tests.factories import make_campaign, make_candidate
from tests.people import signed_in
from tests.support.faults.interleaving import at_once

FIELDS = ("name", "mobile", "email", "city", "school", "major", "degree", "written_score")
FILE = (
    "姓名,手机,邮箱,城市,学校,笔试成绩\n"
    "李娜,18900003333,li@b.example,上海,北京大学,90\n"
    "王芳,18900004444,wang@b.example,北京,,\n"
)


@pytest.fixture(autouse=True)
def _uploads(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def li(campaign: Campaign) -> Candidate:
    """A candidate of the campaign, of whom only name, mobile and city are known."""
    return known(campaign=campaign)


def known(**fields: Any) -> Candidate:
    empty = {"email": "", "school": "", "major": "", "degree": ""}
    given = {"name": "李 娜", "mobile": "18900003333", "city": "深圳"}
    return make_candidate(**{**empty, **given, **fields})


def checked(owner: User | None, campaign: Campaign | None, text: str = FILE) -> ImportRun:
    return runs.import_run_create(
        content=text.encode(), file_name="people.csv", campaign=campaign, owner=owner
    )


def applied(owner: User | None, campaign: Campaign | None, text: str = FILE) -> ImportRun:
    return runs.import_run_apply(run=checked(owner, campaign, text))


def values_of(candidate: Candidate) -> dict[str, Any]:
    return Candidate.objects.values(*FIELDS).get(pk=candidate.pk)


FILLED = {
    "name": "李 娜",
    "mobile": "+8618900003333",
    "email": "li@b.example",
    "city": "深圳",
    "school": "北京大学",
    "major": "",
    "degree": "",
    "written_score": 90,
}


@pytest.mark.django_db
def test_empty_fields_are_filled_and_no_value_is_overwritten(
    lin: User, campaign: Campaign, li: Candidate
) -> None:
    run = checked(lin, campaign)
    before = values_of(li)
    assert (run.new, run.known, run.filling, run.joining) == (1, 1, 1, 0)
    assert run.filled_fields == ["email", "school", "written_score"]
    assert values_of(li) == before, "the file is only checked"
    runs.import_run_apply(run=run)
    assert values_of(li) == FILLED
    assert values_of(li)["city"] == "深圳", "not 上海"


@pytest.mark.django_db
def test_the_change_is_audited_with_its_fields_and_without_values(
    lin: User, campaign: Campaign, li: Candidate
) -> None:
    applied(lin, campaign)
    entries = AuditEntry.objects.filter(action="change", label="jobs.candidate")
    changes = [str(one.__dict__) for one in entries]
    assert any("school" in one for one in changes)
    assert not any("北京大学" in one or "li@b.example" in one for one in changes)


@pytest.mark.django_db
def test_reverting_the_import_empties_the_fields_again(
    lin: User, campaign: Campaign, li: Candidate
) -> None:
    before = values_of(li)
    run = applied(lin, campaign)
    runs.import_run_revert(run=run)
    assert values_of(li) == before
    assert not FilledCandidate.objects.exists()


@pytest.mark.django_db
def test_reverting_keeps_what_somebody_has_changed_since(
    lin: User, campaign: Campaign, li: Candidate
) -> None:
    run = applied(lin, campaign)
    candidate_services.candidate_update(candidate=li, school="清华大学", major="法学")
    runs.import_run_revert(run=run)
    after = values_of(li)
    assert (after["school"], after["major"], after["email"]) == ("清华大学", "法学", "")


@pytest.mark.django_db
def test_reverting_keeps_the_only_contact(lin: User, campaign: Campaign, li: Candidate) -> None:
    run = applied(lin, campaign)
    candidate_services.candidate_update(candidate=li, mobile="")
    runs.import_run_revert(run=run)
    assert values_of(li)["email"] == "li@b.example"


@pytest.mark.django_db
def test_reverting_leaves_a_candidate_who_was_merged_since(
    lin: User, campaign: Campaign, li: Candidate
) -> None:
    run = applied(lin, campaign)
    other = make_candidate(campaign=campaign, name="李娜")
    records = records_of(Candidate.objects.filter(pk__in=[li.pk, other.pk]).order_by("pk"))
    candidates_merge(
        kept=li.pk, removed=other.pk, fields_from_removed=(), shown=digest_of(records), by=lin
    )
    runs.import_run_revert(run=run)
    assert values_of(li)["school"] == "北京大学"


@pytest.mark.django_db
def test_nothing_is_kept_of_the_filled_fields_of_an_anonymised_candidate(
    lin: User, campaign: Campaign, li: Candidate
) -> None:
    run = applied(lin, campaign)
    assert "北京大学" not in str(FilledCandidate.objects.values()), "only digests are stored"
    candidates_anonymise(candidates=[li.pk], by=lin)
    assert not FilledCandidate.objects.exists()
    runs.import_run_revert(run=run)


@pytest.mark.django_db
def test_a_candidate_of_another_campaign_is_not_filled(lin: User, campaign: Campaign) -> None:
    shared = known(campaign=campaign)
    candidate_services.candidates_join(candidates=[shared], campaign=make_campaign())
    before = values_of(shared)
    run = applied(lin, campaign)
    assert (run.known, run.filling) == (1, 0), "known, because they are in this campaign too"
    assert values_of(shared) == before


@pytest.mark.django_db
def test_a_command_may_fill_every_candidate(campaign: Campaign, tmp_path: Path) -> None:
    foreign, file = known(campaign=make_campaign()), tmp_path / "people.csv"
    file.write_text(FILE)
    call_command("import_candidates", "--path", str(file), "--campaign", campaign.slug)
    assert values_of(foreign) == FILLED


@pytest.mark.django_db
def test_a_contact_that_is_known_elsewhere_is_not_filled(
    lin: User, campaign: Campaign, li: Candidate
) -> None:
    make_candidate(campaign=make_campaign(), name="Other", email="li@b.example")
    applied(lin, campaign)
    assert (values_of(li)["email"], values_of(li)["school"]) == ("", "北京大学")


@pytest.mark.django_db
def test_the_first_row_with_a_value_wins(lin: User, campaign: Campaign, li: Candidate) -> None:
    rows = "姓名,手机,学校,专业\n李娜,18900003333,甲,\n李娜,18900003333,乙,法学\n"
    run = applied(lin, campaign, rows)
    assert (run.known, run.filling) == (2, 1)
    assert (values_of(li)["school"], values_of(li)["major"]) == ("甲", "法学")


@pytest.mark.django_db
def test_a_field_filled_after_the_check_is_kept(
    lin: User, campaign: Campaign, li: Candidate
) -> None:
    run = checked(lin, campaign)
    candidate_services.candidate_update(candidate=li, school="清华大学")
    runs.import_run_apply(run=run)
    assert (values_of(li)["school"], values_of(li)["written_score"]) == ("清华大学", 90)


@pytest.mark.django_db(transaction=True)
def test_a_field_changed_while_the_import_is_undone_is_kept(
    lin: User, campaign: Campaign, li: Candidate
) -> None:
    run = applied(lin, campaign)
    change = partial(candidate_services.candidate_update, candidate=li, school="清华大学")
    at_once(change, partial(runs.import_run_revert, run=run))
    assert (values_of(li)["school"], values_of(li)["written_score"]) == ("清华大学", None)


@pytest.mark.django_db
def test_importing_the_same_file_again_changes_nothing(
    lin: User, campaign: Campaign, li: Candidate
) -> None:
    applied(lin, campaign)
    before = list(Candidate.objects.order_by("pk").values())
    again = checked(lin, campaign)
    assert (again.new, again.filling, again.joining) == (0, 0, 0)
    runs.import_run_apply(run=again)
    assert list(Candidate.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_the_page_says_what_the_import_will_do(lin: User, campaign: Campaign) -> None:
    PersonalSettings.objects.create(user=lin, language="en")
    client = signed_in(Client(headers={"accept-language": "en"}), lin)
    known()
    rows = FILE + "王芳,18900004444,wang@b.example,北京,,\n坏,12,,,,\n"
    file = SimpleUploadedFile("people.csv", rows.encode())
    address = client.post(reverse("imports"), {"file": file, "campaign": "autumn"})["Location"]
    page = client.get(address).content.decode()
    assert "1 new candidate will be created." in page
    assert "1 existing candidate will be added to the campaign." in page
    assert "Empty fields of 1 existing candidate will be filled: e-mail, school, written" in page
    assert "Import 1 candidate</button>" in page, "though three rows are valid"
    assert "Fills: e-mail, school, written score" in page
    runs.import_run_apply(run=ImportRun.objects.get())
    assert (campaign.candidates.count(), Candidate.objects.count()) == (2, 2)
    page = client.get(address).content.decode()
    assert "The filled fields of 1 existing candidate are emptied again" in page
    address = client.post(
        reverse("imports"),
        {"file": SimpleUploadedFile("people.csv", FILE.encode()), "campaign": "autumn"},
    )["Location"]
    assert "Nothing will change" in client.get(address).content.decode()


@pytest.mark.django_db
def test_the_api_and_the_command_say_it_too(
    lin: User, campaign: Campaign, li: Candidate, tmp_path: Path
) -> None:
    client = signed_in(Client(), lin)
    file = SimpleUploadedFile("people.csv", FILE.encode())
    data = {"file": file, "dry_run": "true", "campaign": "autumn"}
    run = client.get(f"/api/v1/imports/{client.post('/api/v1/imports/', data).json()['import']}/")
    assert (run.json()["filling"], run.json()["joining"]) == (1, 0)
    assert run.json()["duplicates"][0]["fills"] == ["email", "school", "written_score"]
    path, said = tmp_path / "people.csv", io.StringIO()
    path.write_text(FILE)
    call_command("import_candidates", path=path, dry_run=True, stdout=said)
    assert "to fill: e-mail, school, written score (1 candidates)" in said.getvalue()


TEXTS = ("city", "school", "major", "degree")
VALUES = st.fixed_dictionaries({name: st.sampled_from(["", "a", "b"]) for name in TEXTS})


@given(stored=VALUES, rows=st.lists(VALUES, min_size=1, max_size=3), may_change=st.booleans())
def test_the_plan_fills_only_empty_fields_and_each_once(
    stored: dict[str, str], rows: list[dict[str, str]], may_change: bool
) -> None:
    empty = frozenset(name for name, value in stored.items() if not value)
    person = ExistingCandidate(7, "Ada", may_change=may_change, empty_fields=empty)
    text = f"name,email,{','.join(TEXTS)}\n" + "".join(
        f"Ada,a@b.example,{','.join(row[name] for name in TEXTS)}\n" for row in rows
    )
    steps = plan.plan_in_steps(
        plan.open_file(text.encode()), lambda contacts: dict.fromkeys(contacts, person)
    )
    fills = [row.fills for rows_of_step in steps for row in rows_of_step]
    expected: CandidateFields = {}
    for name in empty if may_change else ():
        if value := next((row[name] for row in rows if row[name]), ""):
            expected[name] = value  # type: ignore[literal-required]
    merged = {name: value for one in fills for name, value in one.items()}
    assert merged == expected
    assert sum(map(len, fills)) == len(merged), "no field is filled by two rows"
