"""A style sheet is served as one file: what it imports stands in it, in the same layers."""

from project.web.static_storage import inlined_stylesheet

LAYERS = "@layer tokens, pages;\n"


def inlined(name: str, **texts: str) -> str:
    """Returns the style sheet; double underscores of a keyword stand for the folder's slash."""
    files = {file.replace("__", "/") + ".css": text for file, text in texts.items()}
    return inlined_stylesheet(f"{name}.css", files.__getitem__)


def test_an_import_in_a_layer_becomes_a_block_of_that_layer() -> None:
    site = LAYERS + '@import url("tokens.css") layer(tokens);\nmain { top: 0 }\n'
    assert inlined("site", site=site, tokens=":root { --a: 1 }\n") == (
        LAYERS + "@layer tokens {\n:root { --a: 1 }\n}\nmain { top: 0 }\n"
    )


def test_an_import_without_a_layer_becomes_its_text() -> None:
    assert inlined("site", site='@import url("a.css");\n', a="a { top: 0 }") == "a { top: 0 }\n"


def test_files_are_found_from_the_file_that_imports_them() -> None:
    text = inlined(
        "app/board",
        app__board='@import url("styles/list.css");',
        app__styles__list='@import url("../../site/card.css");',
        site__card="b { top: 0 }",
    )
    assert text == "b { top: 0 }"


def test_addresses_of_an_imported_file_are_rewritten() -> None:
    imported = 'a { src: url("../icons/x.svg") url(y.svg) url("#z") url("data:a") url("/b") }'
    assert inlined("site", site='@import url("b/c/d.css");', b__c__d=imported) == (
        'a { src: url("b/icons/x.svg") url("b/c/y.svg") url("#z") url("data:a") url("/b") }'
    )


def test_imports_from_another_site_stay() -> None:
    foreign = '@import url("https://example.com/x.css");'
    assert inlined("site", site=foreign) == foreign
