"""Normalised mobile numbers and e-mail addresses."""

import pytest

from jobs.candidates.contacts import (
    InvalidContact,
    _validated_domain,
    deliverable_email,
    normalize_email,
    normalize_mobile,
)


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


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("a@example.com。", "a@example.com"),
        ("a@example.com，", "a@example.com"),
        ("a@example.com.", "a@example.com"),
        ("a@example.com】", "a@example.com"),
        ("“a@example.com”", "a@example.com"),
        ("<a@example.com>", "a@example.com"),
        ("Bruce Lee <a@example.com>;", "a@example.com"),
        ("mailto:a@example.com", "a@example.com"),
        ("a＠ｅｘａｍｐｌｅ．ｃｏｍ", "a@example.com"),
        ("a@example。com", "a@example.com"),
        ("a@example｡com", "a@example.com"),
        ("\u200ba@exam\u2060ple.com\ufe0f", "a@example.com"),
        ("a@例子.中国", "a@例子.中国"),
        ("a@XN--fsqu00a.xn--fiqs8s", "a@例子.中国"),
        ("_a+b_@example.com", "_a+b_@example.com"),
    ],
)
def test_what_surrounds_an_email_address_is_removed(text, address):
    assert normalize_email(text) == address


@pytest.mark.parametrize(
    "text",
    [
        *("a@example..com", "a@.example.com", "a@-example.com", "a@example.com@", "李@example.com"),
        *("a@example.com(work)", "a@example.com。谢谢", "a@mail.local", "a@[1.2.3.4]", "。", "@"),
    ],
)
def test_a_text_without_a_deliverable_address_is_refused(text):
    with pytest.raises(InvalidContact, match=r"^email$"):
        normalize_email(text)


@pytest.mark.parametrize("mark", [*"。；;,/、| ", " 或 ", "\n"])
def test_two_addresses_are_refused_and_none_is_lost(mark):
    with pytest.raises(InvalidContact, match=r"^emails$"):
        normalize_email(f"a@example.com{mark}b@example.com")


def test_staff_may_have_addresses_of_the_local_network():
    assert normalize_email("lin@mail.local", allow_local=True) == "lin@mail.local"


def test_mail_goes_to_the_domain_that_was_entered():
    assert deliverable_email("a@straße.de") == "a@xn--strae-oqa.de", "not strasse.de"
    assert deliverable_email("a@例子.中国。") == "a@xn--fsqu00a.xn--fiqs8s"


def test_no_domain_that_is_too_long_is_kept_in_memory():
    """A form of a megabyte would otherwise stay in memory 2000 times."""
    normalize_email("a@longest.example.com")
    before = _validated_domain.cache_info()
    assert before.currsize, "domains are kept"
    for number in range(3):
        for domain in (f"{number}{'例' * 254}.com", f"{number}{'a' * 100_000}.com"):
            with pytest.raises(InvalidContact, match=r"^email$"):
                normalize_email(f"a@{domain}")
    assert _validated_domain.cache_info() == before
