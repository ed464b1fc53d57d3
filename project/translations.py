"""The message catalogue: extracts texts from code and templates, checks and compiles translations.

Works without GNU gettext. `manage.py messages` and `make run` call it.
"""

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
EXTRACT_OPTIONS = {"encoding": "utf-8"}
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def catalogue_path() -> Path:
    """Return the path of the .po file, the only one that translators edit."""
    return Path(settings.LOCALE_PATHS[0]) / LOCALE / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalogue() -> Catalog:
    """Return the catalogue as it is on disk; an empty one if there is no file yet."""
    path = catalogue_path()
    if not path.exists():
        return _new_catalogue()
    with path.open("rb") as source:
        return read_po(source, locale=LOCALE, domain=DOMAIN)


def extract_messages() -> Catalog:
    """Return every text of Python code and templates, untranslated, with the files that use it."""
    catalogue = _new_catalogue()
    for path in source_files():
        name = str(path.relative_to(settings.BASE_DIR))
        texts = extract("python", _python_source(path), KEYWORDS, ["Translators:"], EXTRACT_OPTIONS)
        for line, text, comments, context in texts:
            catalogue.add(text, locations=[(name, line)], auto_comments=comments, context=context)
    return catalogue


def update_catalogue() -> None:
    """Add new texts to the .po file, untranslated, and remove those no longer used."""
    catalogue = read_catalogue()
    created_at = catalogue.creation_date
    catalogue.update(extract_messages(), no_fuzzy_matching=True)
    # Keep the dates: otherwise every run would change the file.
    catalogue.creation_date = catalogue.revision_date = created_at
    path = catalogue_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        write_po(
            target,
            catalogue,
            width=100,
            sort_output=True,
            ignore_obsolete=True,
            include_lineno=False,
        )


def find_problems() -> list[str]:
    """Return one sentence per text that is missing, untranslated, unsure or has an error.

    Example: "jobs/forms.py: not translated: 'Late'".
    """
    catalogue = read_catalogue()
    return [
        f"{message.locations[0][0]}: {problem}: {message.id!r}"
        for message in extract_messages()
        if message.id
        and (problem := _problem_with(catalogue.get(_key(message), message.context), catalogue))
    ]


def is_stale() -> bool:
    """Return True if the compiled .mo file is missing or older than the .po file."""
    source = catalogue_path()
    compiled = source.with_suffix(".mo")
    if not source.exists():
        return False
    return not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime


def compile_catalogue() -> None:
    """Write the .mo file next to the .po file, atomically."""
    unfinished = catalogue_path().with_suffix(".mo.unfinished")
    with unfinished.open("wb") as target:
        write_mo(target, read_catalogue())
    unfinished.replace(catalogue_path().with_suffix(".mo"))


def source_files() -> Iterator[Path]:
    """Yield the files that can hold texts, in a fixed order."""
    for app in APPS:
        paths = sorted((settings.BASE_DIR / app).rglob("*"))
        yield from (
            path
            for path in paths
            if (path.suffix == ".py" and "migrations" not in path.parts)
            or ("templates" in path.parts and path.suffix in {".html", ".txt"})
        )


def _new_catalogue() -> Catalog:
    return Catalog(
        LOCALE,
        domain=DOMAIN,
        project="Recruit Live",
        version="1",
        header_comment="# Chinese texts of Recruit Live.",
        fuzzy=False,
    )


def _python_source(path: Path) -> BytesIO:
    """Return a file as Python code; templates are converted by Django, without indentation."""
    source = path.read_text()
    if path.suffix != ".py":
        lines = templatize(source, origin=str(path)).splitlines(keepends=True)
        source = "".join(line.lstrip(" \t") for line in lines)
    return BytesIO(source.encode())


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _problem_with(translated: Message | None, catalogue: Catalog) -> str | None:
    if translated is None:
        return "not in the catalogue (run make messages)"
    if translated.fuzzy:
        return "translation is marked as unsure"
    texts = translated.string
    if not texts or not all([texts] if isinstance(texts, str) else texts):
        return "not translated"
    errors = [str(error) for error in translated.check(catalogue)]
    return errors[0] if errors else None
