"""The fork server starts even if a module it should preload cannot be imported."""

import os
import subprocess
import sys

from django.conf import settings

MODULE_OF_A_MISSING_LIBRARY = "sentry_sdk.integrations.openai_agents.consts"
MODULE_THAT_NEEDS_SETTINGS = "django.contrib.auth.models"


def test_the_fork_server_skips_modules_that_need_settings_or_cannot_be_imported() -> None:
    names = f"{MODULE_OF_A_MISSING_LIBRARY} {MODULE_THAT_NEEDS_SETTINGS} yaml"
    result = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from tests.support.product.fork_server import preload; preload();"
            "print('yaml' in sys.modules, 'project.settings' in sys.modules)",
        ],
        cwd=settings.BASE_DIR,
        env=os.environ | {"PRELOADED_MODULES": names, "DJANGO_SETTINGS_MODULE": "project.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout == "True False\n", result.stderr
