"""Finds the static files once per process, where WhiteNoise would search the disk for every client.

Each `django.test.Client` builds its own middleware, and with it WhiteNoise's table of files: 60 ms
of CPU time, more than most tests need for everything else.
"""

from __future__ import annotations

from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware

_search = WhiteNoiseMiddleware.add_files_from_finders
_found: dict[tuple[object, ...], dict[str, Any]] = {}


def add_found_files(middleware: WhiteNoiseMiddleware) -> None:
    """Adds the files of the finders; searches only for the first middleware with its options."""
    options = (middleware.static_prefix, middleware.max_age, middleware.allow_all_origins)
    if options not in _found:
        before = set(middleware.files)
        _search(middleware)
        _found[options] = {url: middleware.files[url] for url in set(middleware.files) - before}
    middleware.files.update(_found[options])


WhiteNoiseMiddleware.add_files_from_finders = add_found_files
