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
def lin_client(client, lin):
    return signed_in(client, lin)


def upload(client, content=None, campaign="autumn"):
    content = COURSE_FILE.read_bytes() if content is None else content
    file = SimpleUploadedFile("people.csv", content)
    return client.post(reverse("imports"), {"file": file, "campaign": campaign})


def only_run():
    return ImportRun.objects.get()


def press(client, button):
    return client.post(reverse("import", args=[only_run().pk]), {"do": button})


def test_the_rows_of_a_file_are_shown_before_anything_is_imported(lin_client):
    response = upload(lin_client)
    assert response.status_code == 302
    page = lin_client.get(response["Location"]).content.decode()
    assert "北京航空航天" in page
    assert "+8618100009999" in page
    assert Candidate.objects.count() == 0


def test_an_import_is_applied_by_a_worker_and_can_be_reverted(lin_client, campaign):
    upload(lin_client)
    press(lin_client, "apply")
    waiting = lin_client.get(reverse("import", args=[only_run().pk])).content.decode()
    assert "import-config" in waiting
    deliver(ImportRun.objects.get().task)
    assert campaign.candidates.count() == 4
    done = lin_client.get(reverse("import", args=[only_run().pk])).content.decode()
    assert f"{reverse('candidates')}?campaign=autumn" in done
    press(lin_client, "revert")
    assert Candidate.objects.count() == 0
    assert only_run().state == ImportRun.State.REVERTED


def test_problems_are_shown_by_row_and_column(lin_client):
    upload(lin_client, MIXED)
    page = lin_client.get(reverse("import", args=[only_run().pk])).content.decode()
    assert "坏人" in page
    assert '<td class="number">3</td><td>手机</td>' in page


def test_an_uploaded_file_can_be_discarded(lin_client):
    upload(lin_client, MIXED)
    assert press(lin_client, "discard")["Location"] == reverse("imports")
    assert ImportRun.objects.count() == 0


@pytest.mark.parametrize("content", [b"", b"\x00\x01", "姓名,手机\n".encode()])
def test_an_unusable_file_is_refused_at_the_field(lin_client, content):
    response = upload(lin_client, content)
    assert response.status_code == 422
    assert 'id="file-error"' in response.content.decode()
    assert ImportRun.objects.count() == 0


def test_a_campaign_of_others_cannot_be_chosen(lin_client):
    make_campaign(slug="foreign")
    assert upload(lin_client, campaign="foreign").status_code == 422
    assert ImportRun.objects.count() == 0


def test_pressing_import_twice_queues_one_import(lin_client):
    upload(lin_client)
    press(lin_client, "apply")
    press(lin_client, "apply")
    press(lin_client, "revert")
    assert only_run().state == ImportRun.State.QUEUED


def test_a_cell_with_markup_is_shown_as_text(lin_client):
    upload(lin_client, b"name,mobile\n<script>alert(1)</script>,18900003333\n")
    page = lin_client.get(reverse("import", args=[only_run().pk])).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_an_import_is_not_found_by_coordinators_of_other_campaigns(lin_client, client, wu):
    upload(lin_client)
    address = reverse("import", args=[only_run().pk])
    assert lin_client.get(address).status_code == 200
    make_campaign(slug="elsewhere").members.create(user=wu)
    client.logout()
    outsider = signed_in(client, wu)
    assert outsider.get(reverse("imports")).status_code == 200
    assert outsider.get(address).status_code == 404
    assert outsider.post(address, {"do": "apply"}).status_code == 404
    assert only_run().state == ImportRun.State.CHECKED


@pytest.mark.parametrize("person", ["wu", "chen", "sun"])
@pytest.mark.parametrize("page", ["imports", "candidates"])
def test_only_coordinators_reach_the_pages(client, request, person, page):
    signed_in(client, request.getfixturevalue(person))
    assert client.get(reverse(page)).status_code == 403
    assert client.post(reverse(page), {}).status_code == 403


@pytest.mark.parametrize("page", ["imports", "candidates"])
def test_visitors_are_redirected_to_sign_in(client, page):
    assert client.get(reverse(page))["Location"].startswith(reverse("login"))


def test_an_uploaded_file_is_served_at_no_address(lin_client):
    upload(lin_client)
    name = only_run().upload.name
    assert name
    assert lin_client.get(f"/{name}").status_code == 404
    assert lin_client.get(f"/media/{name}").status_code == 404
