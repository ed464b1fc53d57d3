"""The management command `import_candidates`."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from jobs.models import Candidate
from jobs.models.imports import ImportRun
from tests.factories import make_campaign

pytestmark = pytest.mark.django_db

COURSE_FILE = Path(__file__).parents[2] / "data" / "course_candidates.csv"


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def write_file(tmp_path):
    """Write a file with this content and return its path."""

    def write(text):
        path = tmp_path / "people.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def run(path, **options):
    out, err = io.StringIO(), io.StringIO()
    call_command("import_candidates", path=path, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_the_course_file_is_imported_into_the_named_campaign(campaign):
    make_campaign(slug="spring")
    run(COURSE_FILE, campaign="spring")
    assert set(Candidate.objects.values_list("campaigns__slug", flat=True)) == {"spring"}
    assert Candidate.objects.count() == 4


def test_the_only_open_campaign_is_used_and_printed(campaign):
    make_campaign(slug="closed", is_open=False)
    out, _err = run(COURSE_FILE)
    assert "autumn" in out
    assert campaign.candidates.count() == 4


def test_with_several_open_campaigns_the_candidates_join_none(campaign):
    make_campaign()
    run(COURSE_FILE)
    assert Candidate.objects.filter(campaigns=None).count() == 4


def test_a_dry_run_prints_the_result_and_stores_nothing(campaign, tmp_path):
    out, _err = run(COURSE_FILE, dry_run=True)
    assert "4" in out
    assert Candidate.objects.count() == 0
    assert ImportRun.objects.count() == 0


def test_problems_are_printed_and_the_valid_rows_are_imported(write_file):
    _out, err = run(write_file("姓名,手机\n李小龙,18900003333\n坏,12\n"))
    assert "3" in err
    assert "手机" in err
    assert Candidate.objects.get().name == "李小龙"


def test_all_or_nothing_imports_no_row_if_one_is_invalid(write_file):
    with pytest.raises(CommandError):
        run(write_file("姓名,手机\n李小龙,18900003333\n坏,12\n"), all_or_nothing=True)
    assert Candidate.objects.count() == 0


@pytest.mark.parametrize(
    "text", ["", "姓名,城市\n1,2\n", b"\x89PNG\r\n\x1a\n\x00\x00", "姓名,手机\n坏,1\n"]
)
def test_an_unusable_file_ends_the_command_with_a_message(write_file, text):
    with pytest.raises(CommandError, match=r"\w+"):
        run(write_file(text))
    assert Candidate.objects.count() == 0


def test_a_missing_file_and_an_unknown_campaign_are_reported_by_name(tmp_path, campaign):
    with pytest.raises(CommandError, match=r"nowhere\.csv"):
        run(tmp_path / "nowhere.csv")
    with pytest.raises(CommandError, match=r"winter.*autumn"):
        run(COURSE_FILE, campaign="winter")
