"""Notices addresses that are probably mistyped, such as bruce@qq.con or bruce@gmial.com.

A hint, never a refusal: the unusual domain may exist. `email-hint.js` applies the same rule while
an applicant types; tests/vectors/email_slips.json holds both to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext_lazy

# Providers of most applicants' addresses. Each is also known not to be a slip of another one.
PROVIDERS = (
    *("qq.com", "163.com", "126.com", "139.com", "188.com", "189.com", "foxmail.com", "yeah.net"),
    *("sina.com", "sina.cn", "sohu.com", "aliyun.com", "tom.com", "21cn.com", "wo.cn"),
    *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "live.cn"),
    *("msn.com", "icloud.com", "me.com", "mac.com", "yahoo.com", "yahoo.com.cn", "yahoo.co.jp"),
    *("mail.com", "email.com", "ymail.com", "aol.com", "gmx.com", "gmx.de", "web.de"),
    *("proton.me", "protonmail.com", "naver.com", "daum.net", "yandex.com", "mail.ru"),
)
QUESTION = gettext_lazy("“%(typed)s” looks mistyped. Did you mean “%(meant)s”?")
SHORTEST_NAME = 5  # gmail
# No top-level domain is called so (IANA root zone).
MISTYPED_ENDINGS = {
    **dict.fromkeys(
        ("con", "cmo", "ocm", "coom", "comm", "cpm", "vom", "xom", "cim", "c0m"), "com"
    ),
    "cnn": "cn",
    **dict.fromkeys(("nte", "nett", "ner"), "net"),
    **dict.fromkeys(("ogr", "orgg"), "org"),
}


@dataclass(frozen=True, slots=True)
class Slip:
    """A domain, or its ending, and what was probably meant.

    An unknown domain is left out, because it may name a person: only its ending is given.
    """

    typed: str
    meant: str


def likely_slip(address: str) -> Slip | None:
    """Returns the slip in a normalised address; None if the domain looks right."""
    return _slip_in(address.rpartition("@")[2])


@lru_cache(maxsize=2_000)  # most addresses of a file share a few domains
def _slip_in(domain: str) -> Slip | None:
    if not domain or domain in PROVIDERS:
        return None
    for provider in PROVIDERS:
        if _is_slip_of(provider, domain):
            return Slip(domain, provider)
    ending = domain.rpartition(".")[2]
    if meant := MISTYPED_ENDINGS.get(ending):
        return Slip(f".{ending}", f".{meant}")
    return None


def _is_slip_of(provider: str, domain: str) -> bool:
    """A short name is the neighbour of too many real ones, so it must be right itself."""
    name = provider.partition(".")[0]
    may_differ = len(name) >= SHORTEST_NAME or name == domain.partition(".")[0]
    return may_differ and is_one_slip_away(domain, provider)


def hint_for(address: str) -> str:
    """Returns the question to ask about an address, or ""."""
    slip = likely_slip(address)
    return question_about(slip.typed, slip.meant) if slip else ""


def question_about(typed: str, meant: str) -> str:
    return str(QUESTION) % {"typed": typed, "meant": meant}


def is_one_slip_away(typed: str, meant: str) -> bool:
    """True if one character is wrong, missing or too many, or two neighbours are swapped."""
    if abs(len(typed) - len(meant)) > 1:
        return False
    start = 0
    while typed[start : start + 1] == meant[start : start + 1] != "":
        start += 1
    typed, meant = typed[start:], meant[start:]
    return (
        typed[1:] == meant[1:]
        or typed[1:] == meant
        or typed == meant[1:]
        or (typed[:2] == meant[1::-1] and typed[2:] == meant[2:])
    )


def rules_for_page() -> dict[str, object]:
    """Returns the lists and the text with which a page's script asks while somebody types."""
    return {
        "providers": PROVIDERS,
        "endings": MISTYPED_ENDINGS,
        "shortestName": SHORTEST_NAME,
        "question": question_about("{typed}", "{meant}"),
    }
