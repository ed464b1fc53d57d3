"""Workbooks with several sheets and hidden rows, and columns that are known from earlier files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from jobs.imports import plan, runs
from jobs.imports.columns import heading_key
from jobs.imports.limits import MAX_COLUMNS
from jobs.imports.options import ReadOptions
from jobs.imports.problems import UnreadableFile
from jobs.models import Campaign, Candidate, PersonalSettings
from jobs.models.imports import ImportRun, LearnedColumn
from tests.factories import make_campaign
from tests.people import signed_in
from tests.support.clients.api import refused

PEOPLE = [["姓名", "邮箱"], ["李娜", "a@b.example"]]
OTHERS = [["姓名", "邮箱"], ["王芳", "b@b.example"], ["赵敏", "c@b.example"]]
COVER = [["Autumn campus recruiting 2026"], ["Do not forward"]]


@pytest.fixture(autouse=True)
def _uploads(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def client_of_lin(lin: User, campaign: Campaign) -> Client:
    PersonalSettings.objects.create(user=lin, language="en")
    return signed_in(Client(headers={"accept-language": "en"}), lin)


def workbook(
    *sheets: tuple[str, list[list[str]]],
    hidden: tuple[str, ...] = (),
    hide_rows: tuple[int, ...] = (),
) -> bytes:
    """Returns a workbook with these sheets; `hide_rows` are of the last one."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    for row in hide_rows:
        sheet.row_dimensions[row].hidden = True
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def names_in(content: bytes, **reading: Any) -> list[str]:
    file = plan.open_file(content, ReadOptions(**reading))
    return [row.values["name"] for row in file.parsed_rows]


TWO_SHEETS = workbook(("Old", PEOPLE), ("New", OTHERS))


@pytest.mark.parametrize(
    ("content", "sheet"),
    [
        (TWO_SHEETS, "Old"),
        (workbook(("Old", PEOPLE), ("New", OTHERS), hidden=("Old",)), "New"),
        (workbook(("Cover", COVER), ("New", OTHERS)), "New"),
        (workbook(("Empty", []), ("One line", [["Only a title"]]), ("New", OTHERS)), "New"),
        (workbook(("Old", PEOPLE), ("Cover", COVER), hidden=("Old",)), "Cover"),
        (workbook(("Only", PEOPLE)), "Only"),
    ],
    ids=["both", "first hidden", "a cover", "nothing in front", "people hidden", "only one"],
)
def test_the_first_visible_sheet_with_candidates_is_read(content: bytes, sheet: str) -> None:
    assert plan.open_file(content).sheet == sheet


def test_any_sheet_can_be_chosen_also_a_hidden_one() -> None:
    content = workbook(("Old", PEOPLE), ("New", OTHERS), hidden=("Old",))
    assert names_in(content, sheet="Old") == ["李娜"]
    assert names_in(content, sheet="New") == ["王芳", "赵敏"]


def test_a_sheet_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnreadableFile) as refusal:
        names_in(TWO_SHEETS, sheet="Third")
    assert refusal.value.problem.code == "no_such_sheet"


SHEET_NAMES = st.text(
    alphabet=st.characters(exclude_categories=("C", "Z"), exclude_characters="[]:*?/\\'&<>\""),
    min_size=1,
    max_size=20,
)


@given(names=st.lists(SHEET_NAMES, min_size=1, max_size=4, unique_by=str.casefold), data=st.data())
def test_each_sheet_is_read_by_its_name(names: list[str], data: st.DataObject) -> None:
    sheets = [
        (name, [["姓名", "邮箱"], [f"person {place}", f"p{place}@b.example"]])
        for place, name in enumerate(names)
    ]
    chosen = data.draw(st.sampled_from(range(len(names))))
    assert names_in(workbook(*sheets), sheet=names[chosen]) == [f"person {chosen}"]


@pytest.mark.django_db
def test_the_page_says_which_sheet_is_read_and_reads_another_one(client_of_lin: Client) -> None:
    content = workbook(("Old", PEOPLE), ("New", OTHERS), ("Secret", COVER), hidden=("Secret",))
    address = upload(client_of_lin, content)
    page = client_of_lin.get(address).content.decode()
    assert "Only the sheet “Old” is read; the workbook has 3 sheets." in page
    assert "Secret (hidden)" in page
    assert "李娜" in page
    shown = {"encoding": "", "separator": "", "has_headings": "yes", "column": ["name", "email"]}
    client_of_lin.post(address, {"do": "read", "sheet": "New", **shown})
    page = client_of_lin.get(address).content.decode()
    assert "王芳" in page
    assert "李娜" not in page
    client_of_lin.post(address, {"do": "read", "sheet": "Secret", **shown})
    assert ImportRun.objects.get().read_options.sheet == "New", "no candidates there"


@pytest.mark.django_db
def test_the_chosen_sheet_is_imported(client_of_lin: Client) -> None:
    run = stored(TWO_SHEETS, ReadOptions(sheet="New"))
    runs.import_run_apply(run=run)
    assert set(Candidate.objects.values_list("name", flat=True)) == {"王芳", "赵敏"}


@pytest.mark.django_db
def test_the_api_lists_the_sheets_and_reads_the_chosen_one(client_of_lin: Client) -> None:
    answer = send(client_of_lin, workbook(("Old", PEOPLE), ("New", OTHERS), hidden=("New",)))
    address = f"/api/v1/imports/{answer['import']}/"
    run = client_of_lin.get(address).json()
    assert run["sheets"] == [
        {"name": "Old", "is_hidden": False},
        {"name": "New", "is_hidden": True},
    ]
    assert (run["reading"]["sheet"], run["total"]) == ("Old", 1)
    changed = client_of_lin.patch(address, {"sheet": "New"}, content_type="application/json")
    assert (changed.json()["reading"]["sheet"], changed.json()["total"]) == ("New", 2)
    wrong = client_of_lin.patch(address, {"sheet": "Third"}, content_type="application/json")
    assert list(refused(wrong)) == ["sheet"]
    assert client_of_lin.get(address).json() == changed.json()


@pytest.mark.django_db
def test_hidden_rows_are_read_and_told(client_of_lin: Client, tmp_path: Path) -> None:
    content = workbook(("Filtered", OTHERS), hide_rows=(2,))
    address = upload(client_of_lin, content)
    assert ImportRun.objects.get().total == 2
    page = client_of_lin.get(address).content.decode()
    assert "1 row is hidden in the workbook. It is read like the others." in page
    answer = send(client_of_lin, content)
    assert client_of_lin.get(f"/api/v1/imports/{answer['import']}/").json()["hidden_rows"] == 1
    assert "1 row is hidden" in command(content, tmp_path)


def test_a_stored_option_of_a_newer_version_is_ignored() -> None:
    stored = ReadOptions(columns=("name",)).as_json()
    assert "sheet" not in stored, "an older version would refuse it"
    assert ReadOptions.from_json({**stored, "newer": 1}) == ReadOptions(columns=("name",))


@pytest.mark.parametrize("width", [MAX_COLUMNS + 1, 300_000])
@pytest.mark.timeout(5)
def test_a_file_with_too_many_columns_is_refused_at_once(width: int) -> None:
    headings = ",".join(f"column {number}" for number in range(width))
    with pytest.raises(UnreadableFile) as refusal:
        plan.open_file(f"{headings}\n".encode() * 2)
    assert refusal.value.problem.code == "too_many_columns"


def test_a_workbook_with_too_many_columns_is_refused_and_not_read_in_part() -> None:
    row = ["姓名", "邮箱", *("x" for _ in range(MAX_COLUMNS))]
    with pytest.raises(UnreadableFile) as refusal:
        plan.open_file(workbook(("Wide", [row, row])))
    assert refusal.value.problem.code == "too_many_columns"


def test_empty_columns_do_not_count() -> None:
    content = "姓名,邮箱{0}\n李娜,a@b.example{0}\n".format("," * 1_000).encode()
    assert names_in(content) == ["李娜"]
    assert names_in(workbook(("Wide", [[*row, *[""] * 1_000] for row in PEOPLE]))) == ["李娜"]


UNKNOWN = "Who?,Reach at,Home town,联系方式\n李娜,a@b.example,上海,引荐人\n"
MAPPING = ["name", "email", "city", ""]


@pytest.mark.django_db
def test_a_column_mapped_by_hand_is_recognised_next_time(campaign: Campaign) -> None:
    run = stored(UNKNOWN, ReadOptions(columns=tuple(MAPPING)), campaign=campaign)
    assert not LearnedColumn.objects.exists(), "nobody has confirmed it yet"
    runs.import_run_apply(run=run)
    other_order = "3. home TOWN：,联系方式,Reach at,Who\n北京,引荐人,b@b.example,王芳\n"
    run = stored(other_order, campaign=campaign)
    assert run.read_options.columns == ("city", "", "email", "name")
    assert run.problems == []
    assert stored(UNKNOWN, campaign=make_campaign()).column_problems, "another campaign"


@pytest.mark.django_db
def test_the_page_says_which_columns_are_read_as_before(
    client_of_lin: Client, campaign: Campaign
) -> None:
    first = upload(client_of_lin, UNKNOWN.encode())
    client_of_lin.post(first, {"do": "read", "has_headings": "yes", "column": MAPPING})
    runs.import_run_apply(run=ImportRun.objects.get())
    page = client_of_lin.get(upload(client_of_lin, UNKNOWN.encode())).content.decode()
    assert "Read as in an earlier import into this campaign: Who?, Reach at, Home town" in page


@pytest.mark.django_db
def test_the_latest_choice_counts_and_the_usual_reading_forgets(campaign: Campaign) -> None:
    heading = "姓名,邮箱,Home town\n李娜,a@b.example,上海\n"
    for columns in (("name", "email", "city"), ("name", "email", "school")):
        runs.import_run_apply(run=stored(heading, ReadOptions(columns=columns), campaign=campaign))
    assert stored(heading, campaign=campaign).read_options.columns == ("name", "email", "school")
    back = ReadOptions(columns=("name", "email", ""))
    runs.import_run_apply(run=stored(heading, back, campaign=campaign))
    assert not LearnedColumn.objects.exists()


@pytest.mark.django_db
def test_a_learned_column_does_not_compete_with_a_known_one(campaign: Campaign) -> None:
    LearnedColumn.objects.create(campaign=campaign, heading=heading_key("Reach at"), field="email")
    run = stored("姓名,邮箱,Reach at\n李娜,a@b.example,x\n", campaign=campaign)
    assert run.read_options.columns == ("name", "email", "")


@pytest.mark.django_db
def test_a_person_in_place_of_headings_is_not_remembered(campaign: Campaign) -> None:
    text = "李娜,a@b.example\n王芳,b@b.example\n"
    reading = ReadOptions(columns=("name", "email"), has_headings=True)
    runs.import_run_apply(run=stored(text, reading, campaign=campaign))
    assert not LearnedColumn.objects.exists()


@pytest.mark.django_db
def test_the_command_takes_the_same_options_as_the_page(campaign: Campaign, tmp_path: Path) -> None:
    said = command(UNKNOWN.encode("gb18030"), tmp_path, mapping="name,email,city,ignore")
    assert "1 new" in said
    candidate = Candidate.objects.get()
    assert (candidate.name, candidate.city) == ("李娜", "上海")
    text = "王芳;b@b.example;北京".encode("big5")
    options: dict[str, Any] = {"encoding": "big5", "separator": "semicolon", "has_headings": False}
    command(text, tmp_path, mapping="name,email,city", **options)
    assert Candidate.objects.filter(name="王芳", city="北京").exists()
    said = command(TWO_SHEETS, tmp_path, sheet="New", dry_run=True)
    assert "Sheet: New (not read: Old)" in said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mapping", "reason"),
    [("name,nonsense,,", "nonsense"), ("name,name,,", "twice"), ("name", "fields for 1 are given")],
)
def test_the_command_refuses_a_wrong_mapping(
    campaign: Campaign, tmp_path: Path, mapping: str, reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        command(UNKNOWN.encode(), tmp_path, mapping=mapping)
    assert not ImportRun.objects.exists()


@pytest.mark.django_db
def test_the_command_names_the_columns_to_map(campaign: Campaign, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"Who\?, Reach at, Home town, 联系方式.*--mapping"):
        command(UNKNOWN.encode(), tmp_path)


@pytest.mark.django_db
def test_another_encoding_is_shown_before_it_is_used(client_of_lin: Client) -> None:
    content = "name,email,school\nAda,a@b.example,Köln\nBob,b@b.example,Bonn\n".encode()
    address = upload(client_of_lin, content)
    asked = {
        "do": "read",
        "encoding": "windows-1252",
        "separator": "comma",
        "has_headings": "yes",
        "column": ["name", "email", "school"],
    }
    compared = client_of_lin.post(address, asked)
    page = compared.content.decode()
    assert compared.status_code == 200
    assert '<td class="wide-cell">Köln</td><td class="wide-cell">KÃ¶ln</td>' in page
    assert "Bonn" not in page, "the encoding does not change it"
    assert ImportRun.objects.get().read_options.encoding == "utf-8", "nothing is changed yet"
    client_of_lin.post(address, {**asked, "confirmed": "yes"})
    assert ImportRun.objects.get().read_options.encoding == "windows-1252"


@pytest.mark.django_db
def test_an_encoding_that_changes_nothing_needs_no_confirmation(client_of_lin: Client) -> None:
    address = upload(client_of_lin, b"name,email\nAda,a@b.example\n")
    asked = {"do": "read", "encoding": "gb18030", "separator": "comma", "has_headings": "yes"}
    assert client_of_lin.post(address, asked).status_code == 302
    assert ImportRun.objects.get().read_options.encoding == "gb18030"


def upload(client: Client, content: bytes) -> str:
    """Uploads a file on the page; returns the address of its import."""
    file = SimpleUploadedFile("people.bin", content)
    answer: Any = client.post(reverse("imports"), {"file": file, "campaign": "autumn"})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def send(client: Client, content: bytes) -> dict[str, str]:
    """Uploads a file over the API, as a dry run."""
    file = SimpleUploadedFile("people.bin", content)
    answer: Any = client.post("/api/v1/imports/", {"file": file, "dry_run": "true"})
    assert answer.status_code == 202, answer.content.decode()
    return dict(answer.json())


def stored(
    content: str | bytes, reading: ReadOptions | None = None, campaign: Campaign | None = None
) -> ImportRun:
    return runs.import_run_create(
        content=content.encode() if isinstance(content, str) else content,
        file_name="people.csv",
        campaign=campaign,
        owner=None,
        reading=reading or ReadOptions(),
    )


def command(content: bytes, folder: Path, **options: Any) -> str:
    """Imports the file with the management command; returns its output."""
    path, output = folder / "people.bin", io.StringIO()
    path.write_bytes(content)
    flags = {name: value for name, value in options.items() if isinstance(value, bool)}
    texts = [f"--{name}={value}" for name, value in options.items() if name not in flags]
    call_command(
        "import_candidates", f"--path={path}", *texts, stdout=output, stderr=output, **flags
    )
    return output.getvalue()
