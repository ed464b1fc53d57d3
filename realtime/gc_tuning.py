"""Looking for garbage less often.

Rendering a large board makes a hundred thousand objects, none of them garbage. Python's collector,
which looks through them whenever seven hundred have been added, took a third of the time.
"""

from __future__ import annotations

import gc

OBJECTS_BETWEEN_LOOKS = 50_000


def collect_rarely() -> None:
    """For processes that have been set up and now work: what is here by now stays for good."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS, 20, 20)
