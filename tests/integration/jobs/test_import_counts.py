"""The import metrics count rows when they are written, not when a file is only checked."""

import pytest

from jobs.imports import runs
from tests.support.contracts.metrics_in_process import scraped

pytestmark = pytest.mark.django_db

FIVE_ROWS = (
    "姓名,手机\n李小龙,18900003333\n坏,12\n李小龙,+86 18900003333\n王五,18900004444\n坏,13\n"
)


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def checked():
    return runs.import_run_create(
        content=FIVE_ROWS.encode(), file_name="people.csv", campaign=None, owner=None
    )


def outcomes(change):
    return {
        outcome: change.of("recruit_import_rows_total", outcome=outcome)
        for outcome in ("written", "known", "rejected")
    }


def test_each_imported_row_is_counted_by_its_outcome(django_capture_on_commit_callbacks):
    before = scraped()
    with django_capture_on_commit_callbacks(execute=True):
        run = checked()
    assert scraped().since(before).of("recruit_import_rows_total") == 0, "the file is only checked"
    with django_capture_on_commit_callbacks(execute=True):
        runs.import_run_apply(run=run, has_all_rights=True)
    assert outcomes(scraped().since(before)) == {"written": 2, "known": 1, "rejected": 2}
    with django_capture_on_commit_callbacks(execute=True):
        runs.import_run_apply(run=checked(), has_all_rights=True)
    assert outcomes(scraped().since(before)) == {"written": 2, "known": 4, "rejected": 4}
