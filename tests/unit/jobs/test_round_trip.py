"""The import reads an exported file as the same candidates, whatever their names."""

import io

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.candidates.names import has_address
from jobs.exports.candidates import CANDIDATES
from jobs.exports.writers import WRITERS
from jobs.imports import plan
from jobs.imports.cells import ERROR_VALUES, means_nothing, parse_value
from jobs.models import Candidate

TEXTS = (
    st.text(
        alphabet=st.one_of(
            st.sampled_from("李小龙=+-@＝＋－＠'\",;#\u3000 aß"),
            st.characters(exclude_categories=("C",)),
        ),
        max_size=12,
    )
    .map(lambda text: parse_value("city", text))
    .filter(lambda text: not means_nothing("city", text) and text not in ERROR_VALUES)
)
SCORES = st.none() | st.integers(min_value=0, max_value=100)
PEOPLE = st.fixed_dictionaries(
    {
        "name": TEXTS.filter(bool).filter(lambda name: not has_address(name)),
        "mobile": st.integers(10_000_000, 99_999_999).map("+86186{}".format),
        "email": st.sampled_from(["", "ana@example.com"]),
        "city": TEXTS,
        "school": TEXTS,
        "major": TEXTS,
        "degree": TEXTS,
        "general_score": SCORES,
        "written_score": SCORES,
    }
)


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@settings(max_examples=40)
@given(people=st.lists(PEOPLE, min_size=1, max_size=4))
def test_an_exported_file_is_read_back_unchanged_in_both_languages(file_format, language, people):
    file = io.BytesIO()
    writer = WRITERS[file_format](file)
    with translation.override(language):
        writer.add(str(column.heading) for column in CANDIDATES.columns)
        for person in people:
            writer.add(column.value(Candidate(**person)) for column in CANDIDATES.columns)
        writer.finish()
    sheet = plan.open_file(file.getvalue())
    assert sheet.layout.ignored == ()
    read = list(sheet.parsed_rows)
    assert [person.problems for person in read] == [[] for _ in people]
    assert [person.values for person in read] == people
