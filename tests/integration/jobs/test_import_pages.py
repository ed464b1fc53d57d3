"""The import pages: access, contents and buttons."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jobs.models import Candidate
from jobs.models.imports import ImportRun
from tests.factories import make_campaign
from tests.people import signed_in
from tests.support.product.sample_tasks import deliver

pytestmark = pytest.mark.django_db

COURSE_FILE = Path(__file__).parents[2] / "data" / "course_candidates.csv"
MIXED = "姓名,手机\n李小龙,18900003333\n坏人,12\n".encode()


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def lins(client, lin):
    return signed_in(client, lin)


def upload(client, content=None, campaign="autumn"):
    content = COURSE_FILE.read_bytes() if content is None else content
    file = SimpleUploadedFile("people.csv", content)
    return client.post(reverse("imports"), {"file": file, "campaign": campaign})


def the_run():
    return ImportRun.objects.get()


def press(client, button):
    return client.post(reverse("import", args=[the_run().pk]), {"do": button})


def test_a_file_is_shown_before_anything_is_written(lins):
    answer = upload(lins)
    assert answer.status_code == 302
    page = lins.get(answer["Location"]).content.decode()
    assert "北京航空航天" in page
    assert "+8618100009999" in page
    assert Candidate.objects.count() == 0


def test_import_runs_through_a_worker_to_its_result(lins, campaign):
    upload(lins)
    press(lins, "apply")
    waiting = lins.get(reverse("import", args=[the_run().pk])).content.decode()
    assert "import-config" in waiting
    deliver(ImportRun.objects.get().task)
    assert campaign.candidates.count() == 4
    done = lins.get(reverse("import", args=[the_run().pk])).content.decode()
    assert f"{reverse('candidates')}?campaign=autumn" in done
    press(lins, "revert")
    assert Candidate.objects.count() == 0
    assert the_run().state == ImportRun.State.REVERTED


def test_problems_are_shown_by_row_and_column(lins):
    upload(lins, MIXED)
    page = lins.get(reverse("import", args=[the_run().pk])).content.decode()
    assert "坏人" in page
    assert '<td class="number">3</td><td>手机</td>' in page


def test_a_file_can_be_forgotten(lins):
    upload(lins, MIXED)
    assert press(lins, "discard")["Location"] == reverse("imports")
    assert ImportRun.objects.count() == 0


@pytest.mark.parametrize("content", [b"", b"\x00\x01", "姓名,手机\n".encode()])
def test_an_unusable_file_is_refused_at_the_field(lins, content):
    answer = upload(lins, content)
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.content.decode()
    assert ImportRun.objects.count() == 0


def test_a_foreign_campaign_cannot_be_chosen(lins):
    make_campaign(slug="foreign")
    assert upload(lins, campaign="foreign").status_code == 422
    assert ImportRun.objects.count() == 0


def test_deciding_twice_imports_once(lins):
    upload(lins)
    press(lins, "apply")
    press(lins, "apply")
    press(lins, "revert")
    assert the_run().state == ImportRun.State.QUEUED


def test_a_cell_with_markup_is_shown_as_text(lins):
    upload(lins, b"name,mobile\n<script>alert(1)</script>,18900003333\n")
    page = lins.get(reverse("import", args=[the_run().pk])).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_another_coordinator_finds_no_trace_of_it(lins, client, wu):
    upload(lins)
    address = reverse("import", args=[the_run().pk])
    assert lins.get(address).status_code == 200
    make_campaign(slug="elsewhere").members.create(user=wu)
    client.logout()
    outsider = signed_in(client, wu)
    assert outsider.get(reverse("imports")).status_code == 200
    assert outsider.get(address).status_code == 404
    assert outsider.post(address, {"do": "apply"}).status_code == 404
    assert the_run().state == ImportRun.State.CHECKED


@pytest.mark.parametrize("person", ["wu", "chen", "sun"])
@pytest.mark.parametrize("page", ["imports", "candidates"])
def test_who_coordinates_nothing_is_kept_out(client, request, person, page):
    signed_in(client, request.getfixturevalue(person))
    assert client.get(reverse(page)).status_code == 403
    assert client.post(reverse(page), {}).status_code == 403


@pytest.mark.parametrize("page", ["imports", "candidates"])
def test_signed_out_one_is_sent_to_sign_in(client, page):
    assert client.get(reverse(page))["Location"].startswith(reverse("login"))


def test_an_uploaded_file_is_served_to_nobody(lins):
    upload(lins)
    name = the_run().upload.name
    assert name
    assert lins.get(f"/{name}").status_code == 404
    assert lins.get(f"/media/{name}").status_code == 404
