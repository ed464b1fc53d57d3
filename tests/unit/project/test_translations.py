"""The message catalogue: texts are extracted, translations kept, and gaps reported."""

import gettext
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from project import translations

ROOT = Path(__file__).parents[3]
CODE = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext

title = gettext_lazy("Board")
spring = pgettext("season", "Spring")

def told(count):
    return ngettext("%(count)s room", "%(count)s rooms", count) % {"count": count} + _("Late")
"""
TEMPLATE = """{% load i18n %}
    <p title="{% translate 'Arrived' %}">it's here
  {% blocktranslate %}Hello {{ name }}{% endblocktranslate %}</p>
"""
TEXTS = ["%(count)s room", "Arrived", "Board", "Hello %(name)s", "Late", "Spring"]


@pytest.fixture
def catalogue(tmp_path: Path, settings: Settings) -> Path:
    """A small product with four kinds of text; returns the path of its .po file."""
    settings.BASE_DIR = tmp_path
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    (tmp_path / "jobs" / "templates").mkdir(parents=True)
    (tmp_path / "jobs" / "code.py").write_text(CODE)
    (tmp_path / "jobs" / "templates" / "page.html").write_text(TEMPLATE)
    return translations.catalogue_path()


def translate(catalogue: Path, text: str, into: str) -> None:
    before, found, after = catalogue.read_text().partition(f'msgid "{text}"\nmsgstr ""')
    assert found
    catalogue.write_text(f'{before}msgid "{text}"\nmsgstr "{into}"{after}')


def test_every_text_of_code_and_templates_is_extracted(catalogue: Path) -> None:
    found = [message.id for message in translations.extract_messages() if message.id]
    assert sorted(text if isinstance(text, str) else text[0] for text in found) == TEXTS


def test_an_untranslated_text_is_reported_with_its_file(catalogue: Path) -> None:
    assert len(translations.find_problems()) == len(TEXTS)
    translations.update_catalogue()
    translate(catalogue, "Board", "看板")
    problems = translations.find_problems()
    assert len(problems) == len(TEXTS) - 1
    assert "jobs/code.py: not translated: 'Late'" in problems


def test_a_translation_that_loses_a_placeholder_is_reported(catalogue: Path) -> None:
    translations.update_catalogue()
    translate(catalogue, "Hello %(name)s", "你好 %(nome)s")
    assert any(
        "Hello" in problem and "not translated" not in problem
        for problem in translations.find_problems()
    )


def test_make_check_fails_on_missing_and_unsure_translations(
    catalogue: Path, settings: Settings
) -> None:
    recipe = (ROOT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]
    assert "$(MANAGE) messages --check" in recipe
    translations.update_catalogue()
    for text in TEXTS[1:]:
        translate(catalogue, text, text)
    with pytest.raises(CommandError, match=r"^1 texts need a translation\.$"):
        call_command("messages", check=True)
    rooms = 'msgid_plural "%(count)s rooms"\nmsgstr[0] "'
    catalogue.write_text(catalogue.read_text().replace(rooms, f"{rooms}%(count)s 间"))
    call_command("messages", check=True)
    late = catalogue.read_text().replace('msgid "Late"', '#, fuzzy\nmsgid "Late"')
    catalogue.write_text(late)
    assert translations.find_problems() == ["jobs/code.py: translation is marked as unsure: 'Late'"]
    with pytest.raises(CommandError):
        call_command("messages", check=True)


def test_updating_keeps_translations_and_is_idempotent(catalogue: Path) -> None:
    translations.update_catalogue()
    translate(catalogue, "Late", "迟到")
    translations.update_catalogue()
    kept = catalogue.read_text()
    assert 'msgstr "迟到"' in kept
    translations.update_catalogue()
    assert catalogue.read_text() == kept


def test_gettext_can_read_the_compiled_catalogue(catalogue: Path) -> None:
    translations.update_catalogue()
    translate(catalogue, "Late", "迟到")
    assert translations.is_stale()
    translations.compile_catalogue()
    assert not translations.is_stale()
    with catalogue.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("Late") == "迟到"
