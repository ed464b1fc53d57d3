"""The options for reading a file: encoding, separator, headings and columns."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jobs.applications import services as application_services
from jobs.candidates import services as candidate_services
from jobs.models import Candidate, PersonalSettings
from jobs.models.imports import ImportRun
from realtime.models import TaskRun
from tests.people import signed_in
from tests.support.product.sample_tasks import deliver

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/imports/"
UNKNOWN_HEADINGS = "Who,Cell no.,Town\n李小龙,18900003333,深圳\n".encode()
MIXED = "姓名,手机,城市\n李小龙,18900003333,深圳\n坏人,12,=1+1\n".encode()


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def lin_client(lin):
    PersonalSettings.objects.create(user=lin, language="en")
    return signed_in(Client(headers={"accept-language": "en"}), lin)


def upload(client, content, **options):
    """Upload a file and return the address of its import."""
    file = SimpleUploadedFile("people.csv", content)
    response = client.post(reverse("imports"), {"file": file, "campaign": "autumn", **options})
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def only_run():
    return ImportRun.objects.get()


def send(client, content, **options):
    return client.post(ADDRESS, {"file": SimpleUploadedFile("a.csv", content), **options})


def test_unknown_columns_can_be_mapped_on_the_page(lin_client, campaign):
    page = upload(lin_client, UNKNOWN_HEADINGS)
    assert "Choose a field for each column below" in lin_client.get(page).content.decode()
    assert lin_client.post(page, {"do": "apply"}).status_code == 302
    assert only_run().state == ImportRun.State.CHECKED, (
        "nothing is imported before the columns are mapped"
    )
    lin_client.post(
        page, {"do": "read", "has_headings": "yes", "column": ["name", "mobile", "city"]}
    )
    assert (only_run().new, only_run().bad) == (1, 0)
    lin_client.post(page, {"do": "apply", "rows": "valid"})
    deliver(only_run().task)
    assert campaign.candidates.get().city == "深圳"


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (["name", "mobile", "mobile"], "This column appears twice"),
        (["name", "", "city"], "One of these columns is required"),
        (["", "mobile", ""], "This column is missing"),
        (["name", "mobile", "shoe_size"], "There is no field “shoe_size”"),
        (["name", "mobile"], "but fields for 2 are given"),
    ],
)
def test_an_invalid_column_mapping_is_reported_and_changes_nothing(lin_client, columns, words):
    page = upload(lin_client, MIXED)
    before = ImportRun.objects.values().get()
    response = lin_client.post(page, {"do": "read", "has_headings": "yes", "column": columns})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert ImportRun.objects.values().get() == before


def test_a_column_can_be_ignored(lin_client, campaign):
    page = upload(lin_client, MIXED)
    lin_client.post(page, {"do": "read", "has_headings": "yes", "column": ["name", "mobile", ""]})
    lin_client.post(page, {"do": "apply"})
    deliver(only_run().task)
    assert campaign.candidates.get().city == ""


def test_the_first_row_can_be_a_candidate_even_if_it_looks_like_headings(lin_client):
    page = upload(lin_client, "学校,18900003333\n姓名,18600001111\n".encode(), has_headings="no")
    lin_client.post(page, {"do": "read", "has_headings": "no", "column": ["name", "mobile"]})
    assert only_run().new == 2


def test_the_detected_encoding_can_be_overridden(lin_client):
    page = upload(lin_client, "姓名;手机\n劉德華;18900003333\n".encode("gbk"))
    assert only_run().reading["encoding"] == "gb18030"
    assert "GB18030" in lin_client.get(page).content.decode()
    refused = lin_client.post(page, {"do": "read", "encoding": "utf-8"})
    assert "cannot be read as utf-8" in refused.content.decode()
    assert only_run().reading["encoding"] == "gb18030"


def test_big5_is_read_if_the_user_chooses_it(lin_client):
    content = "姓名,手機,email\n劉德華,18900003333,a@b.cn\n陳欣欣,18600001111,c@b.cn\n".encode(
        "big5"
    )
    page = upload(lin_client, content, encoding="big5")
    assert "劉德華" in lin_client.get(page).content.decode()
    assert only_run().new == 2


def test_known_values_are_shown_beside_differing_values_of_the_file(lin_client, campaign):
    candidate_services.candidate_create(
        name="李小龙", mobile="18900003333", city="香港", campaign=campaign
    )
    page = lin_client.get(upload(lin_client, MIXED)).content.decode()
    row = page[page.index('<tr class="differs">') :]
    assert "深圳" in row
    assert "香港" in row


def test_rows_with_problems_can_be_downloaded_corrected_and_imported(lin_client, campaign):
    page = upload(lin_client, MIXED)
    before = b"".join(lin_client.get(f"{page}rejected/"))
    lin_client.post(page, {"do": "apply"})
    deliver(only_run().task)
    response = lin_client.get(f"{page}rejected/")
    after = b"".join(response)
    assert before == after
    headings, bad = csv.reader(io.StringIO(after.decode("utf-8-sig")))
    assert headings == ["Row in the file", "What is wrong", "姓名", "手机", "城市"]
    assert bad == ["3", "手机: Not a mobile number.", "坏人", "12", "'=1+1"]
    ImportRun.objects.all().delete()
    upload(lin_client, after.replace(b",12,", b",18600001111,"))
    assert (only_run().new, only_run().bad) == (1, 0)


def test_only_coordinators_can_download_rows_with_problems(lin_client, client, wu):
    page = upload(lin_client, MIXED)
    signed_in(client, wu)
    assert client.get(f"{page}rejected/").status_code == 403


def test_all_or_nothing_can_be_chosen_on_the_page(lin_client):
    page = upload(lin_client, MIXED)
    lin_client.post(page, {"do": "apply", "rows": "all"})
    assert only_run().state == ImportRun.State.CHECKED
    assert not TaskRun.objects.exists()


def test_the_page_says_in_advance_what_a_revert_would_remove(lin_client, campaign):
    known = candidate_services.candidate_create(name="陈", mobile="18600001111")
    page = upload(
        lin_client, "姓名,手机\n李,18900003333\n王,18900004444\n陈,18600001111\n".encode()
    )
    lin_client.post(page, {"do": "apply"})
    deliver(only_run().task)
    applicant = Candidate.objects.get(mobile="+8618900004444")
    job = campaign.jobs.create(title="Backend")
    application_services.applications_create(candidates=[applicant], job=job, by=None)
    text = lin_client.get(page).content.decode()
    assert "1 candidate will be removed." in text
    assert "1 candidate is kept, because they have applied" in text
    assert "1 existing candidate will be removed from the campaign." in text
    lin_client.post(page, {"do": "revert"})
    assert set(Candidate.objects.all()) == {applicant, known}


def test_the_api_accepts_a_column_mapping_with_the_file(lin_client):
    response = send(lin_client, UNKNOWN_HEADINGS, mapping=["name", "mobile", "ignore"])
    assert response.status_code == 202, response.data
    run = lin_client.get(f"{ADDRESS}{response.data['import']}/").data
    assert run["reading"] == {
        "encoding": "utf-8",
        "separator": "comma",
        "has_headings": True,
        "sheet": "",
        "mapping": ["name", "mobile", ""],
    }
    assert run["columns"] == ["Who", "Cell no.", "Town"]


def test_the_api_can_read_a_stored_file_again_with_other_options(lin_client):
    run = send(lin_client, MIXED, dry_run="true").data["import"]
    changed = lin_client.patch(
        f"{ADDRESS}{run}/", {"mapping": ["name", "mobile", ""]}, content_type="application/json"
    )
    assert (changed.status_code, changed.data["new"]) == (200, 1)
    assert changed.data["reading"]["mapping"] == ["name", "mobile", ""]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"mapping": ["name", "name", "mobile"]}, "mapping"),
        ({"mapping": ["name", "mobile", "shoe_size"]}, "mapping"),
        ({"mapping": "name"}, "mapping"),
        ({"encoding": "klingon"}, "encoding"),
        ({"encoding": "big5"}, "encoding"),
        ({"separator": "!"}, "separator"),
    ],
)
def test_invalid_options_are_refused_at_their_field_and_change_nothing(lin_client, options, field):
    run = send(lin_client, MIXED, dry_run="true").data["import"]
    before = ImportRun.objects.values().get()
    response = lin_client.patch(f"{ADDRESS}{run}/", options, content_type="application/json")
    assert response.status_code == 400
    assert list(response.data["errors"]) == [field]
    assert ImportRun.objects.values().get() == before
