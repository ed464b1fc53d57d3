"""Candidates of campaigns that a coordinator does not coordinate: nobody reads, changes, merges or
anonymises them from elsewhere, and nobody is told that they are known.
"""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs.candidates.conflicts import conflict_keep_apart
from jobs.candidates.services import candidate_create, candidate_update, candidates_join
from jobs.imports import queue, runs
from jobs.imports.preview import page_of
from jobs.merging.diff import digest_of, records_of
from jobs.merging.execute import candidates_merge
from jobs.models import Application, Campaign, Candidate, ContactConflict
from jobs.models.imports import ImportRun
from tests.factories import (
    make_application,
    make_campaign,
    make_candidate,
    make_interview,
    make_job,
    make_member,
)
from tests.people import make_person, signed_in
from tests.support.clients.api import api_of, refused, state_of
from tests.support.product.sample_tasks import deliver

pytestmark = pytest.mark.django_db
FILE = "姓名,手机,邮箱,学校\n何塞,18700001111,jose@example.com,南京大学\n新人,18700002222,,\n"
PRIVATE = ("secret@example.com", "绝密大学", "99")


@pytest.fixture(autouse=True)
def _uploads(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def spring() -> Campaign:
    """A campaign that Lin has no part in."""
    return make_campaign(slug="spring", name="2027 春季校招")


@pytest.fixture
def gao(spring: Campaign) -> User:
    """Coordinates the other campaign."""
    person = make_person("gao", "coordinator", family="高", given="远")
    make_member(spring, person)
    return person


@pytest.fixture
def theirs(spring: Campaign) -> Candidate:
    """A candidate of the other campaign only."""
    return make_candidate(
        campaign=spring,
        name="何塞",
        mobile="+8618700001111",
        email="secret@example.com",
        school="绝密大学",
        written_score=99,
    )


def checked(content: str, campaign: Campaign | None, owner: User | None) -> ImportRun:
    return runs.import_run_create(
        content=content.encode(), file_name="p.csv", campaign=campaign, owner=owner
    )


def imported(content: str, campaign: Campaign | None, owner: User | None) -> ImportRun:
    return runs.import_run_apply(run=checked(content, campaign, owner))


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    return (run.new, run.known, run.repeated, run.bad)


def seen_by(person: User) -> set[str]:
    """Everything that this person's candidates page and API say, as one text each."""
    client = signed_in(Client(), person)
    return {
        client.get(reverse("candidates")).content.decode(),
        api_of(person).get("candidates/").content.decode(),
    }


def test_the_check_of_a_file_is_the_same_whether_others_know_a_person_or_not(
    lin: User, campaign: Campaign, spring: Campaign
) -> None:
    def answers() -> tuple[Any, ...]:
        run = checked(FILE, campaign, lin)
        page = page_of(run, lin)
        return counts(run), run.findings, page["duplicates"], page["valid"]

    before = answers()
    make_candidate(campaign=spring, mobile="+8618700001111", email="jose@example.com")
    assert answers() == before
    assert before[0] == (2, 0, 0, 0)


def test_an_import_gives_only_the_fields_of_the_file_of_a_person_known_elsewhere(
    lin: User, campaign: Campaign, theirs: Candidate
) -> None:
    before = Candidate.objects.filter(pk=theirs.pk).values().get()
    run = imported(FILE, campaign, lin)
    assert counts(run) == (2, 0, 0, 0)
    mine = campaign.candidates.get(name="何塞")
    assert mine != theirs
    assert (mine.mobile, mine.email) == (theirs.mobile, "jose@example.com")
    assert (mine.school, mine.written_score) == ("南京大学", None)
    for shown in seen_by(lin):
        assert "jose@example.com" in shown
        assert not [value for value in PRIVATE[:2] if value in shown]
    assert Candidate.objects.filter(pk=theirs.pk).values().get() == before
    refused(api_of(lin).get(f"candidates/{theirs.pk}/"), 404)


def test_importing_such_a_file_again_changes_nothing(
    lin: User, campaign: Campaign, theirs: Candidate
) -> None:
    imported(FILE, campaign, lin)
    before = state_of(Candidate, ContactConflict)
    assert counts(imported(FILE, campaign, lin)) == (0, 2, 0, 0)
    assert state_of(Candidate, ContactConflict) == before


def test_undoing_such_an_import_removes_its_records_and_its_request(
    lin: User, campaign: Campaign, theirs: Candidate
) -> None:
    run = imported(FILE, campaign, lin)
    assert ContactConflict.objects.get().known == theirs
    assert runs.import_run_revert(run=run)[1] == 2
    assert list(Candidate.objects.all()) == [theirs]
    assert not ContactConflict.objects.exists()


def test_a_task_imports_with_the_rights_of_the_person_who_started_it(
    lin: User, admin: User, campaign: Campaign, theirs: Candidate
) -> None:
    run = checked(FILE, campaign, admin)
    assert counts(run) == (1, 1, 0, 0), "a superuser knows every candidate"
    task = queue.import_run_start(run=run, rows=ImportRun.Rows.VALID, by=lin)
    assert deliver(task).state == "succeeded"
    assert counts(ImportRun.objects.get()) == (2, 0, 0, 0)
    assert not campaign.candidates.filter(pk=theirs.pk).exists()


def test_a_file_is_checked_again_with_the_rights_of_the_person_who_asks(
    lin: User, admin: User, campaign: Campaign, theirs: Candidate
) -> None:
    """Otherwise the check of an administrator's file tells a coordinator who is known elsewhere."""
    run = checked(FILE, campaign, admin)
    assert counts(run) == (1, 1, 0, 0), "a superuser knows every candidate"
    asked = {"separator": "comma"}
    answer = api_of(lin).patch(f"imports/{run.pk}/", asked)
    assert answer.status_code == 200, answer.content
    assert counts(ImportRun.objects.get()) == (2, 0, 0, 0)


def test_an_import_of_a_deleted_account_has_no_rights(
    admin: User, campaign: Campaign, theirs: Candidate
) -> None:
    run = checked(FILE, campaign, admin)
    queue.import_run_start(run=run, rows=ImportRun.Rows.VALID, by=admin)
    admin.delete()
    run = ImportRun.objects.get()
    assert (run.owner, run.task, run.known) == (None, None, 1)
    assert counts(runs.import_run_apply(run=run)) == (2, 0, 0, 0)
    assert not campaign.candidates.filter(pk=theirs.pk).exists()


def test_a_management_command_adds_the_known_candidate(
    campaign: Campaign, theirs: Candidate, tmp_path: Path
) -> None:
    file = tmp_path / "p.csv"
    file.write_text(FILE)
    call_command(
        "import_candidates", "--path", str(file), "--campaign", "autumn", stdout=StringIO()
    )
    assert counts(ImportRun.objects.get()) == (1, 1, 0, 0)
    assert campaign.candidates.filter(pk=theirs.pk).exists()


def test_a_candidate_of_two_own_campaigns_is_known_to_both(
    lin: User, campaign: Campaign, spring: Campaign, theirs: Candidate
) -> None:
    make_member(spring, lin)
    assert counts(imported(FILE, campaign, lin)) == (1, 1, 0, 0)
    assert campaign.candidates.filter(pk=theirs.pk).exists()


def test_a_new_candidate_with_a_contact_known_elsewhere_is_not_refused(
    lin: User, campaign: Campaign, theirs: Candidate
) -> None:
    entries = {"name": "何塞", "mobile": theirs.mobile, "campaign": "autumn"}
    answer = api_of(lin).post("candidates/", entries)
    assert answer.status_code == 201
    assert answer.json()["school"] == ""
    assert ContactConflict.objects.get().known == theirs
    errors = refused(api_of(lin).post("candidates/", entries))
    assert list(errors) == ["mobile"], "now Lin sees a candidate with this number"


def test_changing_a_number_to_one_known_elsewhere_is_not_refused(
    lin: User, campaign: Campaign, theirs: Candidate
) -> None:
    mine = make_candidate(campaign=campaign)
    answer = api_of(lin).patch(f"candidates/{mine.pk}/", {"mobile": theirs.mobile})
    assert (answer.status_code, answer.json()["mobile"]) == (200, theirs.mobile)
    conflict = ContactConflict.objects.get()
    assert (conflict.record, conflict.known, conflict.by) == (mine, theirs, lin)
    api_of(lin).patch(f"candidates/{mine.pk}/", {"mobile": "+8618700003333"})
    mine.refresh_from_db()
    assert not mine.shares_contact


def test_the_coordinators_of_the_known_candidate_see_the_request_and_share_the_record(
    lin: User, gao: User, campaign: Campaign, spring: Campaign, theirs: Candidate
) -> None:
    imported(FILE, campaign, lin)
    mine = campaign.candidates.get(name="何塞")
    application = make_application(candidate=mine, job=make_job(campaign=campaign), by=lin)
    client = signed_in(Client(headers={"accept-language": "en"}), gao)
    assert "Compare and decide" in client.get(reverse("candidates")).content.decode()
    page = client.get(reverse("conflicts"))
    text = page.content.decode()
    assert "The campaign 2026 秋季校招 added a person with the same contact" in text
    assert "jose@example.com" in text
    (shown,) = page.context["conflicts"]
    asked = {"conflict": shown.conflict.pk, "seen": shown.seen, "do": "merge"}
    assert client.post(reverse("conflicts"), asked).status_code == 302
    application.refresh_from_db()
    assert application.candidate == theirs
    assert set(theirs.campaigns.all()) == {campaign, spring}
    theirs.refresh_from_db()
    assert (theirs.email, theirs.school) == ("secret@example.com", "绝密大学")
    assert not ContactConflict.objects.exists()


def test_those_who_ask_see_no_request_and_cannot_decide(
    lin: User, gao: User, campaign: Campaign, theirs: Candidate
) -> None:
    imported(FILE, campaign, lin)
    before = state_of(Candidate, ContactConflict)
    client = signed_in(Client(headers={"accept-language": "en"}), lin)
    page = client.get(reverse("conflicts"))
    assert (page.status_code, page.context["conflicts"]) == (200, [])
    for do in ("merge", "apart"):
        asked = {"conflict": ContactConflict.objects.get().pk, "do": do}
        assert client.post(reverse("conflicts"), asked).status_code == 404
    assert state_of(Candidate, ContactConflict) == before


def test_records_kept_apart_are_not_asked_about_again(
    lin: User, gao: User, campaign: Campaign, theirs: Candidate
) -> None:
    imported(FILE, campaign, lin)
    client = signed_in(Client(), gao)
    asked = {"conflict": ContactConflict.objects.get().pk, "do": "apart"}
    client.post(reverse("conflicts"), asked)
    assert ContactConflict.objects.get().kept_apart_by == gao
    assert client.get(reverse("conflicts")).context["conflicts"] == []
    assert Candidate.objects.filter(mobile=theirs.mobile).count() == 2


def pairs() -> set[tuple[int, int]]:
    return set(ContactConflict.objects.values_list("record_id", "known_id"))


def test_a_pair_has_one_conflict_however_often_its_contacts_are_changed(
    lin: User, gao: User, campaign: Campaign, spring: Campaign
) -> None:
    known = make_candidate(campaign=campaign, mobile="+8618700005555")
    fields = {"name": "同号", "mobile": known.mobile}
    first = candidate_create(campaign=spring, by=gao, **fields)
    second = candidate_create(campaign=make_campaign(), is_kept_apart=True, **fields)
    recorded = {(first.pk, known.pk), (second.pk, known.pk), (second.pk, first.pk)}
    assert pairs() == recorded
    ContactConflict.objects.update(kept_apart_at=timezone.now())
    candidate_update(candidate=first, city="上海", by=gao)
    for candidate, person in ((known, lin), (first, gao)):
        for mobile in ("+8618700006666", fields["mobile"]):
            candidate_update(candidate=candidate, mobile=mobile, by=person)
    assert known.shares_contact
    assert first.shares_contact
    assert pairs() == recorded
    assert not ContactConflict.objects.undecided().exists()


@pytest.mark.parametrize("decided", ["kept", "removed"])
def test_a_record_merged_into_another_stays_apart_from_a_third(
    campaign: Campaign, lin: User, decided: str
) -> None:
    third = make_candidate(campaign=campaign, mobile="+8618700005555")
    fields = {"name": "同号", "mobile": third.mobile, "is_kept_apart": True}
    known = {name: candidate_create(campaign=campaign, **fields) for name in ("kept", "removed")}
    kept, removed = known["kept"], known["removed"]
    apart = ContactConflict.objects.get(record=known[decided], known=third)
    conflict_keep_apart(conflict=apart, by=lin)
    shown = digest_of(records_of(Candidate.objects.filter(pk__in=[kept.pk, removed.pk])))
    candidates_merge(kept=kept.pk, removed=removed.pk, fields_from_removed=[], shown=shown, by=lin)
    assert pairs() == {(kept.pk, third.pk)}
    assert ContactConflict.objects.get().kept_apart_by == lin


def test_a_change_of_another_field_asks_nothing_again(lin: User, campaign: Campaign) -> None:
    known = make_candidate(campaign=make_campaign(), mobile="+8618700005555")
    mine = candidate_create(campaign=campaign, by=lin, name="同号", mobile=known.mobile)
    ContactConflict.objects.all().delete()
    candidate_update(candidate=mine, city="上海", by=lin)
    assert mine.shares_contact
    assert not ContactConflict.objects.exists()


def test_an_older_record_is_neither_shown_to_nor_merged_by_those_who_know_its_new_number(
    lin: User, gao: User, admin: User, campaign: Campaign, spring: Campaign, theirs: Candidate
) -> None:
    """Only a record that a campaign has just created, with that number, asks to be shared."""
    known = make_candidate(campaign=campaign, mobile="+8618700005555")
    candidate_update(candidate=theirs, mobile=known.mobile, by=gao)
    assert pairs() == {(theirs.pk, known.pk)}
    client, before = signed_in(Client(), lin), state_of(Candidate, ContactConflict)
    application = make_application(candidate=known, job=make_job(campaign=campaign), by=lin)
    for page in (reverse("conflicts"), reverse("schedule", args=[application.pk])):
        text = client.get(page).content.decode()
        assert not [value for value in PRIVATE[:2] if value in text]
    for do in ("merge", "apart"):
        asked = {"conflict": ContactConflict.objects.get().pk, "do": do}
        assert client.post(reverse("conflicts"), asked).status_code == 404
    assert state_of(Candidate, ContactConflict) == before
    make_member(campaign, gao)
    (shown,) = signed_in(Client(), gao).get(reverse("conflicts")).context["conflicts"]
    assert shown.may_decide, "of both campaigns"
    (shown,) = signed_in(Client(), admin).get(reverse("conflicts")).context["conflicts"]
    assert shown.may_decide


def test_those_who_see_an_older_record_but_may_not_change_it_do_not_decide(
    lin: User, gao: User, campaign: Campaign, spring: Campaign
) -> None:
    known = make_candidate(campaign=campaign, mobile="+8618700005555")
    shared = make_candidate(campaign=spring)
    candidate_update(candidate=shared, mobile=known.mobile, by=gao)
    candidates_join(candidates=[shared], campaign=campaign)
    client, before = signed_in(Client(), lin), state_of(Candidate, ContactConflict)
    (shown,) = client.get(reverse("conflicts")).context["conflicts"]
    assert not shown.may_decide
    for do in ("merge", "apart"):
        asked = {"conflict": shown.conflict.pk, "seen": shown.seen, "do": do}
        assert client.post(reverse("conflicts"), asked).status_code == 403
    assert state_of(Candidate, ContactConflict) == before


def test_a_changed_record_is_not_merged_unseen(
    lin: User, gao: User, campaign: Campaign, theirs: Candidate
) -> None:
    imported(FILE, campaign, lin)
    client = signed_in(Client(), gao)
    (shown,) = client.get(reverse("conflicts")).context["conflicts"]
    Candidate.objects.filter(pk=shown.record.id).update(name="别人")
    asked = {"conflict": shown.conflict.pk, "seen": shown.seen, "do": "merge"}
    client.post(reverse("conflicts"), asked)
    assert Candidate.objects.filter(mobile=theirs.mobile).count() == 2


def test_the_page_of_conflicts_takes_a_constant_number_of_queries(
    lin: User, gao: User, campaign: Campaign, spring: Campaign
) -> None:
    client = signed_in(Client(), gao)

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(reverse("conflicts")).status_code == 200
        return len(counted)

    numbers = []
    for number in range(1, 4):
        known = make_candidate(campaign=spring)
        candidate_create(name="同号", mobile=known.mobile, campaign=campaign, by=lin)
        assert ContactConflict.objects.count() == number
        numbers.append(queries())
    assert len(set(numbers[1:])) == 1, numbers


@pytest.fixture
def shared(campaign: Campaign, spring: Campaign) -> Candidate:
    """A candidate of both campaigns, whom Lin sees."""
    candidate = make_candidate(campaign=campaign)
    candidates_join(candidates=[candidate], campaign=spring)
    return candidate


def test_a_candidate_who_is_also_elsewhere_is_read_but_not_changed(
    lin: User, gao: User, shared: Candidate
) -> None:
    before = state_of(Candidate)
    assert api_of(lin).get(f"candidates/{shared.pk}/").status_code == 200
    refused(api_of(lin).patch(f"candidates/{shared.pk}/", {"city": "上海"}), 403)
    client = signed_in(Client(), lin)
    page = reverse("admin:jobs_candidate_change", args=[shared.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"name": "别人"}).status_code == 403
    assert state_of(Candidate) == before
    make_member(Campaign.objects.get(slug="spring"), lin)
    assert api_of(lin).patch(f"candidates/{shared.pk}/", {"city": "上海"}).status_code == 200


def interviewed_by(lin: User, candidate: Candidate) -> None:
    """Lin interviews a candidate of a campaign that she does not coordinate."""
    lin.groups.add(Group.objects.get(name="interviewer"))
    make_interview(application=make_application(candidate=candidate), interviewers=[lin])


def anonymise(client: Client, *candidates: Candidate) -> Any:
    asked = {"action": "anonymise", "_selected_action": [one.pk for one in candidates]}
    address = reverse("admin:jobs_candidate_changelist")
    page = client.post(address, asked)
    client.post(address, asked | {"sure": "yes"})
    return page


def test_only_candidates_entirely_of_own_campaigns_are_anonymised(
    lin: User, campaign: Campaign, shared: Candidate, theirs: Candidate
) -> None:
    mine = make_candidate(campaign=campaign)
    interviewed_by(lin, theirs)
    page = anonymise(signed_in(Client(), lin), mine, shared, theirs)
    assert (page.context["candidates"], page.context["left_out"]) == ([mine], 2)
    done = Candidate.objects.exclude(anonymised_at=None)
    assert list(done) == [mine]


def test_interviewing_elsewhere_shows_a_coordinator_no_contacts_and_allows_no_change(
    lin: User, campaign: Campaign, theirs: Candidate
) -> None:
    make_candidate(campaign=campaign, mobile="+8618700004444")
    interviewed_by(lin, theirs)
    client = signed_in(Client(), lin)
    page = reverse("admin:jobs_candidate_change", args=[theirs.pk])
    shown = client.get(page).content.decode()
    assert "绝密大学" in shown, "the interviewer sees the candidate"
    assert theirs.mobile not in shown
    assert theirs.email not in shown
    assert client.post(page, {"name": "别人"}).status_code == 403
    changelist = reverse("admin:jobs_candidate_changelist")
    listed = client.get(changelist).content.decode()
    assert "绝密大学" in listed
    assert "+8618700004444" in listed
    assert theirs.mobile not in listed
    assert theirs.email not in listed
    for text, is_found in (("何塞", True), ("1111", False), ("secret", False)):
        found = client.get(changelist, {"q": text}).context["cl"].result_list
        assert (theirs in found) is is_found, text


def test_a_candidate_who_is_also_elsewhere_applies_only_in_their_own_campaigns(
    lin: User, campaign: Campaign, shared: Candidate
) -> None:
    own, other = make_job(campaign=campaign), make_job(campaign=make_campaign())
    make_member(other.campaign, lin)
    client = signed_in(Client(headers={"accept-language": "en"}), lin)
    page, admin_page = reverse("candidates"), reverse("admin:jobs_application_add")
    answer = client.post(page, {"candidates": [shared.pk], "job": other.pk}, follow=True)
    assert "also belongs to a campaign that you do not coordinate" in answer.content.decode()
    errors = refused(
        api_of(lin).post("applications/", {"candidate": shared.pk, "job": other.pk}), 400
    )
    assert list(errors) == ["candidate"]
    client.post(admin_page, {"candidate": shared.pk, "job": other.pk})
    assert not Application.objects.exists()
    answer = api_of(lin).post("applications/", {"candidate": shared.pk, "job": own.pk})
    assert answer.status_code == 201


def test_the_upload_page_shows_no_values_of_a_candidate_known_elsewhere(
    lin: User, campaign: Campaign, theirs: Candidate
) -> None:
    client = signed_in(Client(), lin)
    file = SimpleUploadedFile("p.csv", FILE.encode())
    answer = client.post(reverse("imports"), {"file": file, "campaign": "autumn"}, follow=True)
    text = answer.content.decode()
    assert "jose@example.com" in text
    assert not [value for value in PRIVATE[:2] if value in text]
