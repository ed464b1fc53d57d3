"""Exports hold only visible rows, are safe in a spreadsheet, and can be imported again."""

import csv
import io

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from jobs.candidates import services as candidate_services
from jobs.exports.queue import export_start
from jobs.imports import runs
from jobs.models import Candidate
from monitoring.audit.models import AuditEntry
from realtime.background import task_runs
from tests.factories import make_application, make_campaign, make_candidate
from tests.support.product.sample_tasks import deliver

pytestmark = pytest.mark.django_db

FIELDS = tuple(candidate_services.CandidateFields.__annotations__)


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def exported(by, what="candidates", file_format="csv", **filters):
    """Runs an export and returns its task run."""
    return deliver(export_start(what=what, file_format=file_format, filters=filters, by=by))


def content_of(run):
    assert run.state == "succeeded", run.message
    with run.result_file.open("rb") as file:
        return file.read()


def rows_of(run):
    return list(csv.reader(io.StringIO(content_of(run).decode("utf-8-sig"))))


def all_candidates():
    return sorted(Candidate.objects.values_list(*FIELDS), key=str)


def test_a_csv_file_has_a_byte_order_mark_and_translated_headings(lin, campaign):
    make_candidate(campaign=campaign, name="李小龙", mobile="18900003333", email="")
    with translation.override("zh-hans"):
        run = exported(lin)
    assert content_of(run).startswith(b"\xef\xbb\xbf")
    headings, person = rows_of(run)
    assert headings[:2] == ["姓名", "手机号"]
    assert person[:2] == ["李小龙", "'+8618900003333"]
    assert (run.done, run.total, run.message) == (1, 1, "1行")
    assert run.result_name.endswith(".csv")


def test_a_workbook_stores_scores_as_numbers_and_mobile_numbers_as_text(lin, campaign):
    make_candidate(campaign=campaign, mobile="18900003333", general_score=75)
    run = exported(lin, file_format="xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(content_of(run))).active
    headings, person = sheet.iter_rows()
    cells = {heading.value: cell for heading, cell in zip(headings, person, strict=True)}
    assert (cells["General ability score"].value, cells["General ability score"].data_type) == (
        75,
        "n",
    )
    assert (cells["Mobile"].value, cells["Mobile"].data_type) == ("+8618900003333", "s")


FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "'=1", "＝1+1", "＋1", "－1", "＠SUM(A1)")


def test_no_cell_of_a_csv_file_starts_a_formula(lin, campaign):
    for name in FORMULAS:
        make_candidate(campaign=campaign, name=name)
    cells = [cell for row in rows_of(exported(lin)) for cell in row]
    assert {"'=1+1", "'＝1+1", "''=1"} <= set(cells)
    assert not [cell for cell in cells if cell[:1] in "=+-@＝＋－＠\t\r\n" and cell]


def test_a_workbook_holds_formulas_as_unchanged_text_also_after_editing(lin, campaign):
    for name in (*FORMULAS, "#N/A"):
        make_candidate(campaign=campaign, name=name)
    content = content_of(exported(lin, file_format="xlsx"))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    names = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert {cell.value for cell in names} == {*FORMULAS, "#N/A"}
    assert {cell.data_type for cell in names} == {"s"}
    assert all(cell.quotePrefix for cell in names)


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_importing_an_export_into_an_empty_database_restores_the_candidates(admin, file_format):
    make_candidate(name="=1+1", city="'@home", degree="-1", general_score=0, written_score=100)
    make_candidate(name="Ana, Ruiz", email="", school='"Quoted"; and more')
    before = all_candidates()
    content = content_of(exported(admin, file_format=file_format))
    Candidate.objects.all().delete()
    run = runs.import_run_create(content=content, file_name="a", campaign=None, owner=admin)
    assert (run.bad, run.findings["ignored"]) == (0, []), run.findings
    runs.import_run_apply(run=run)
    assert all_candidates() == before


def test_importing_an_export_into_its_own_campaign_changes_nothing(lin, campaign):
    make_candidate(campaign=campaign)
    content = content_of(exported(lin))
    before = list(Candidate.objects.values())
    run = runs.import_run_create(content=content, file_name="a", campaign=campaign, owner=lin)
    run = runs.import_run_apply(run=run)
    assert (run.new, run.known, run.bad) == (0, 1, 0)
    assert list(Candidate.objects.values()) == before


def test_an_export_applies_the_same_filters_as_the_page(lin, campaign):
    make_candidate(campaign=campaign, name="Ana Ruiz")
    applicant = make_candidate(campaign=campaign, name="Bob Ray")
    make_application(candidate=applicant, campaign=campaign)
    assert [row[0] for row in rows_of(exported(lin, q="ana"))[1:]] == ["Ana Ruiz"]
    assert [row[0] for row in rows_of(exported(lin, applied="yes"))[1:]] == ["Bob Ray"]
    assert [row[0] for row in rows_of(exported(lin, ids=[applicant.pk]))[1:]] == ["Bob Ray"]


def test_an_export_contains_no_candidates_of_other_campaigns(lin, campaign):
    own_candidate = make_candidate(campaign=campaign)
    foreign = make_candidate(campaign=make_campaign())
    run = exported(lin, ids=[own_candidate.pk, foreign.pk])
    assert [row[0] for row in rows_of(run)[1:]] == [own_candidate.name]


INVALID_FILTERS = [
    ({"campaign": "foreign"}, "campaign"),
    ({"applied": "perhaps"}, "applied"),
    ({"ids": "all"}, "ids"),
    ({"ids": [-1]}, "ids"),
    ({"colour": "blue"}, "colour"),
]


def test_an_invalid_filter_is_refused_at_its_field_and_starts_no_export(subtests, lin):
    make_campaign(slug="foreign")
    for filters, field in INVALID_FILTERS:
        with subtests.test(filters=filters, field=field):
            with pytest.raises(ValidationError) as refused:
                export_start(what="candidates", file_format="csv", filters=filters, by=lin)
            assert set(refused.value.message_dict) == {field}
            assert not lin.task_runs.exists()


@pytest.mark.parametrize("person", ["wu", "chen", "sun"])
def test_users_who_may_not_export_are_refused(request, person):
    with pytest.raises(PermissionDenied):
        export_start(
            what="candidates",
            file_format="csv",
            filters={},
            by=request.getfixturevalue(person),
        )


def test_losing_the_permission_before_the_task_runs_prevents_the_export(lin, campaign):
    make_candidate(campaign=campaign)
    task = export_start(what="candidates", file_format="csv", filters={}, by=lin)
    lin.groups.clear()
    assert deliver(task).state == "failed"
    assert task.message == "You no longer have permission to export."
    assert not task.result_file


def test_deactivating_the_account_before_the_task_runs_prevents_the_export(lin, campaign):
    make_candidate(campaign=campaign)
    task = export_start(what="candidates", file_format="csv", filters={}, by=lin)
    lin.is_active = False
    lin.save()
    message = "The account that requested this file no longer exists or is inactive."
    assert (deliver(task).state, task.message) == ("failed", message)
    assert not task.result_file


def test_each_export_is_audited_with_ids_only(lin, campaign):
    people = [make_candidate(campaign=campaign) for _ in range(3)]
    exported(lin)
    entry = AuditEntry.objects.get(action="export")
    assert (entry.actor_id, entry.label, entry.count) == (lin.pk, "jobs.candidate", 3)
    assert set(entry.ids) == {one.pk for one in people}


def test_a_cancelled_export_leaves_no_file_and_no_audit_entry(lin, campaign):
    make_candidate(campaign=campaign)
    task = export_start(what="candidates", file_format="csv", filters={}, by=lin)
    task_runs.request_cancel(task)
    assert deliver(task).state == "cancelled"
    assert not task.result_file
    assert not AuditEntry.objects.filter(action="export").exists()


def test_the_number_of_queries_does_not_grow_with_the_rows(lin, campaign):
    def queries(what):
        with CaptureQueriesContext(connection) as captured:
            exported(lin, what=what)
        return len(captured)

    make_application(campaign=campaign)
    queries("candidates")  # fills the caches of this process
    few = {what: queries(what) for what in ("candidates", "applications")}
    for _ in range(5):
        make_application(campaign=campaign)
    assert {what: queries(what) for what in few} == few
