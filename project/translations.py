"""The texts of the product and their translations, without GNU gettext: found, kept, compiled."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

APPS = ("project", "realtime", "jobs", "interview", "monitoring")
LOCALE = "zh_Hans"
DOMAIN = "django"
OPTIONS = {"encoding": "utf-8"}
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def catalogue_path() -> Path:
    """The one file that translators write."""
    place = Path(settings.LOCALE_PATHS[0])
    return place / LOCALE / "LC_MESSAGES" / f"{DOMAIN}.po"


def empty() -> Catalog:
    return Catalog(
        LOCALE,
        domain=DOMAIN,
        project="Live recruitment board",
        version="1",
        header_comment="# Chinese texts of the live recruitment board.",
        fuzzy=False,
    )


def extracted() -> Catalog:
    """Every text of Python code and templates, untranslated."""
    found = empty()
    for path in sources():
        name = str(path.relative_to(settings.BASE_DIR))
        texts = extract("python", code_of(path), KEYWORDS, ["Translators:"], OPTIONS)
        for line, text, comments, context in texts:
            found.add(text, locations=[(name, line)], auto_comments=comments, context=context)
    return found


def sources() -> Iterator[Path]:
    """Files that may hold texts, in a fixed order."""
    for app in APPS:
        paths = sorted((settings.BASE_DIR / app).rglob("*"))
        yield from (
            path
            for path in paths
            if (path.suffix == ".py" and "migrations" not in path.parts)
            or ("templates" in path.parts and path.suffix in {".html", ".txt"})
        )


def code_of(path: Path) -> BytesIO:
    """A file as Python code; of a template, what Django makes of it, without its indentation."""
    source = path.read_text()
    if path.suffix != ".py":
        lines = templatize(source, origin=str(path)).splitlines(keepends=True)
        source = "".join(line.lstrip(" \t") for line in lines)
    return BytesIO(source.encode())


def read() -> Catalog:
    """The translations as they stand; empty when there are none yet."""
    path = catalogue_path()
    if not path.exists():
        return empty()
    with path.open("rb") as source:
        return read_po(source, locale=LOCALE, domain=DOMAIN)


def update() -> None:
    """Add new texts to the catalogue, untranslated, and drop those that are no longer used."""
    known = read()
    made_at = known.creation_date
    known.update(extracted(), no_fuzzy_matching=True)
    known.creation_date = known.revision_date = made_at  # a date alone is no change
    path = catalogue_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        write_po(
            target, known, width=100, sort_output=True, ignore_obsolete=True, include_lineno=False
        )


def problems() -> list[str]:
    """What keeps the translation from being complete, a sentence each."""
    known = read()
    return [
        f"{message.locations[0][0]}: {reason}: {message.id!r}"
        for message in extracted()
        if message.id and (reason := _fault(known.get(_key(message), message.context), known))
    ]


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _fault(translated: Message | None, known: Catalog) -> str | None:
    if translated is None:
        return "not in the catalogue (make messages)"
    if translated.fuzzy:
        return "translation is marked as unsure"
    texts = translated.string
    if not texts or not all([texts] if isinstance(texts, str) else texts):
        return "not translated"
    wrong = [str(error) for error in translated.check(known)]
    return wrong[0] if wrong else None


def is_stale() -> bool:
    """Whether the compiled translations are missing or older than their source."""
    source = catalogue_path()
    compiled = source.with_suffix(".mo")
    if not source.exists():
        return False
    return not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime


def compile_catalogue() -> None:
    """Write the compiled form beside the catalogue, whole or not at all."""
    unfinished = catalogue_path().with_suffix(".mo.unfinished")
    with unfinished.open("wb") as target:
        write_mo(target, read())
    unfinished.replace(catalogue_path().with_suffix(".mo"))
