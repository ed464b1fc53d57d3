"""The interpreter that processes are forked from is there, whatever the tests have imported."""

import os
import subprocess
import sys

from django.conf import settings

OF_A_LIBRARY_THAT_IS_NOT_THERE = "sentry_sdk.integrations.openai_agents.consts"
WANTS_SETTINGS = "django.contrib.auth.models"


def test_what_cannot_be_imported_beforehand_is_left_to_whoever_needs_it() -> None:
    names = f"{OF_A_LIBRARY_THAT_IS_NOT_THERE} {WANTS_SETTINGS} yaml"
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import tests.support.product.fork_server, sys; print('yaml' in sys.modules)",
        ],
        cwd=settings.BASE_DIR,
        env=os.environ | {"WARM_MODULES": names},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.stdout == "True\n", said.stderr
