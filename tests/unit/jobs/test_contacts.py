"""Normalised mobile numbers and e-mail addresses."""

import pytest

from jobs.candidates.contacts import InvalidContact, normalize_email, normalize_mobile


@pytest.mark.parametrize(
    "text",
    [
        "18100009999",
        "+8618100009999",
        "+86 181 0000 9999",
        "86 18100009999",
        "0086-181-0000-9999",
        "(+86) 181-0000-9999",
        "１８１００００９９９９",
        "＋８６　１８１００００９９９９",
        "1.8100009999E+10",
        "18100009999.0",
        "\u202d18100009999\u202c",
    ],
)
def test_a_mobile_number_is_normalised_however_it_was_typed(text):
    assert normalize_mobile(text) == "+8618100009999"


def test_a_foreign_number_keeps_its_country_code():
    assert normalize_mobile("+1 555 010 0123") == "+15550100123"


@pytest.mark.parametrize("text", ["", "  ", "\u200b"])
def test_empty_text_is_normalised_to_no_number(text):
    assert normalize_mobile(text) == ""


@pytest.mark.parametrize(
    "text",
    ["1810000999", "181000099991", "18100009999/18600001111", "call me", "=1+1", "010-12345678"],
)
def test_text_that_is_no_mobile_number_is_refused(text):
    with pytest.raises(InvalidContact, match=r"^mobile$"):
        normalize_mobile(text)


@pytest.mark.parametrize("text", ["1.81E+10", "1.8100001E+10", "1.81e10"])
def test_a_number_rounded_by_a_spreadsheet_is_reported_as_rounded(text):
    with pytest.raises(InvalidContact, match=r"^mobile_rounded$"):
        normalize_mobile(text)


def test_an_email_address_is_stored_in_lower_case():
    assert normalize_email("  Bruce.Lee@Example.COM ") == "bruce.lee@example.com"


@pytest.mark.parametrize("text", ["bruce", "a@b", "a@@example.com", "a b@example.com"])
def test_text_that_is_no_email_address_is_refused(text):
    with pytest.raises(InvalidContact, match=r"^email$"):
        normalize_email(text)
