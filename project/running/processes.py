"""The command lines of the site's processes, the same for `make run` and for containers."""

import sys

from django.conf import settings

# Told to stop, a worker lets its work end for a while; by itself it would wait for ever.
SOFT_STOP = {"REMAP_SIGTERM": "SIGQUIT"}


def commands() -> dict[str, list[str]]:
    """Each process's command line by its name, to which options may be added."""
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    celery = [sys.executable, "-m", "celery", "--app", "project", "--quiet"]
    level = ["--loglevel", settings.ENVIRONMENT.log_level]
    alone = ["--without-gossip", "--without-mingle"]  # workers have nothing to tell each other
    return {
        "web": [*manage, "web"],
        "relay": [*manage, "relay"],
        "worker": [*celery, "worker", *alone, *level],
        "beat": [*celery, "beat", "--pidfile", "", *level],
        "flower": [*celery, "flower"],
        "migrate": [*manage, "migrate", "--no-input"],
        "backup": [*manage, "backup"],
        "restore": [*manage, "restore"],
    }
