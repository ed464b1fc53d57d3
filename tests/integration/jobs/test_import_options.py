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
ODD = "Who,Cell no.,Town\n李小龙,18900003333,深圳\n".encode()
MIXED = "姓名,手机,城市\n李小龙,18900003333,深圳\n坏人,12,=1+1\n".encode()


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def lins(lin):
    PersonalSettings.objects.create(user=lin, language="en")
    return signed_in(Client(headers={"accept-language": "en"}), lin)


def upload(client, content, **asked):
    """Uploads a file and returns the address of its import."""
    file = SimpleUploadedFile("people.csv", content)
    answer = client.post(reverse("imports"), {"file": file, "campaign": "autumn", **asked})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def the_run():
    return ImportRun.objects.get()


def send(client, content, **asked):
    return client.post(ADDRESS, {"file": SimpleUploadedFile("a.csv", content), **asked})


def test_columns_nobody_understands_can_be_said_on_the_page(lins, campaign):
    page = upload(lins, ODD)
    assert "Choose a field for each column below" in lins.get(page).content.decode()
    assert lins.post(page, {"do": "apply"}).status_code == 302
    assert the_run().state == ImportRun.State.CHECKED, "nothing is imported before that"
    lins.post(page, {"do": "read", "has_headings": "yes", "column": ["name", "mobile", "city"]})
    assert (the_run().new, the_run().bad) == (1, 0)
    lins.post(page, {"do": "apply", "rows": "valid"})
    deliver(the_run().task)
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
def test_columns_that_cannot_be_are_said_and_change_nothing(lins, columns, words):
    page = upload(lins, MIXED)
    before = ImportRun.objects.values().get()
    answer = lins.post(page, {"do": "read", "has_headings": "yes", "column": columns})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert ImportRun.objects.values().get() == before


def test_a_column_can_be_left_out(lins, campaign):
    page = upload(lins, MIXED)
    lins.post(page, {"do": "read", "has_headings": "yes", "column": ["name", "mobile", ""]})
    lins.post(page, {"do": "apply"})
    deliver(the_run().task)
    assert campaign.candidates.get().city == ""


def test_the_first_row_can_be_a_candidate_even_if_it_looks_like_headings(lins):
    page = upload(lins, "学校,18900003333\n姓名,18600001111\n".encode(), has_headings="no")
    lins.post(page, {"do": "read", "has_headings": "no", "column": ["name", "mobile"]})
    assert the_run().new == 2


def test_a_guess_of_encoding_and_separator_can_be_corrected(lins):
    page = upload(lins, "姓名;手机\n劉德華;18900003333\n".encode("gbk"))
    assert the_run().reading["encoding"] == "gb18030"
    assert "GB18030" in lins.get(page).content.decode()
    wrong = lins.post(page, {"do": "read", "encoding": "utf-8"})
    assert "cannot be read as utf-8" in wrong.content.decode()
    assert the_run().reading["encoding"] == "gb18030"


def test_big5_is_read_when_somebody_says_so(lins):
    content = "姓名,手機,email\n劉德華,18900003333,a@b.cn\n陳欣欣,18600001111,c@b.cn\n".encode(
        "big5"
    )
    page = upload(lins, content, encoding="big5")
    assert "劉德華" in lins.get(page).content.decode()
    assert the_run().new == 2


def test_what_is_known_and_what_differs_stand_side_by_side(lins, campaign):
    candidate_services.candidate_create(
        name="李小龙", mobile="18900003333", city="香港", campaign=campaign
    )
    page = lins.get(upload(lins, MIXED)).content.decode()
    row = page[page.index('<tr class="differs">') :]
    assert "深圳" in row
    assert "香港" in row


def test_rows_with_problems_come_back_as_a_file_that_can_be_mended(lins, campaign):
    page = upload(lins, MIXED)
    before = b"".join(lins.get(f"{page}rejected/"))
    lins.post(page, {"do": "apply"})
    deliver(the_run().task)
    answer = lins.get(f"{page}rejected/")
    after = b"".join(answer)
    assert before == after
    headings, bad = csv.reader(io.StringIO(after.decode("utf-8-sig")))
    assert headings == ["Row in the file", "What is wrong", "姓名", "手机", "城市"]
    assert bad == ["3", "手机: Not a mobile number.", "坏人", "12", "'=1+1"]
    ImportRun.objects.all().delete()
    upload(lins, after.replace(b",12,", b",18600001111,"))
    assert (the_run().new, the_run().bad) == (1, 0)


def test_rows_with_problems_are_given_to_nobody_else(lins, client, wu):
    page = upload(lins, MIXED)
    signed_in(client, wu)
    assert client.get(f"{page}rejected/").status_code == 403


def test_all_or_nothing_can_be_chosen_on_the_page(lins):
    page = upload(lins, MIXED)
    lins.post(page, {"do": "apply", "rows": "all"})
    assert the_run().state == ImportRun.State.CHECKED
    assert not TaskRun.objects.exists()


def test_what_taking_back_would_remove_is_said_before(lins, campaign):
    known = candidate_services.candidate_create(name="陈", mobile="18600001111")
    page = upload(lins, "姓名,手机\n李,18900003333\n王,18900004444\n陈,18600001111\n".encode())
    lins.post(page, {"do": "apply"})
    deliver(the_run().task)
    stays = Candidate.objects.get(mobile="+8618900004444")
    job = campaign.jobs.create(title="Backend")
    application_services.applications_create(candidates=[stays], job=job, by=None)
    text = lins.get(page).content.decode()
    assert "1 candidate will be removed." in text
    assert "1 candidate is kept, because they have applied" in text
    assert "1 existing candidate will be removed from the campaign." in text
    lins.post(page, {"do": "revert"})
    assert set(Candidate.objects.all()) == {stays, known}


def test_the_api_takes_a_mapping_with_the_file(lins):
    answer = send(lins, ODD, mapping=["name", "mobile", "ignore"])
    assert answer.status_code == 202, answer.data
    run = lins.get(f"{ADDRESS}{answer.data['import']}/").data
    assert run["reading"] == {
        "encoding": "utf-8",
        "separator": "comma",
        "has_headings": True,
        "mapping": ["name", "mobile", ""],
    }
    assert run["columns"] == ["Who", "Cell no.", "Town"]


def test_the_api_reads_a_kept_file_otherwise(lins):
    run = send(lins, MIXED, dry_run="true").data["import"]
    changed = lins.patch(
        f"{ADDRESS}{run}/", {"mapping": ["name", "mobile", ""]}, content_type="application/json"
    )
    assert (changed.status_code, changed.data["new"]) == (200, 1)
    assert changed.data["reading"]["mapping"] == ["name", "mobile", ""]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"mapping": ["name", "name", "mobile"]}, "mapping"),
        ({"mapping": ["name", "mobile", "shoe_size"]}, "mapping"),
        ({"mapping": "name"}, "mapping"),
        ({"encoding": "klingon"}, "encoding"),
        ({"encoding": "big5"}, "encoding"),
        ({"separator": "!"}, "separator"),
    ],
)
def test_what_cannot_be_is_named_by_field_and_changes_nothing(lins, asked, field):
    run = send(lins, MIXED, dry_run="true").data["import"]
    before = ImportRun.objects.values().get()
    answer = lins.patch(f"{ADDRESS}{run}/", asked, content_type="application/json")
    assert answer.status_code == 400
    assert list(answer.data["errors"]) == [field]
    assert ImportRun.objects.values().get() == before
