"""The metric that says which release a process runs. Apart from `release`, which settings import:
a worker must not declare a metric before it has its directory of metrics.
"""

import platform

import django
from django.conf import settings

from monitoring.metrics.metrics import BUILD_INFO
from project import release


def export() -> None:
    """Set the metric. Called once in every process."""
    BUILD_INFO.labels(
        version=release.version(settings.BASE_DIR),
        release=settings.SENTRY["release"],
        build=release.build_name(settings.BASE_DIR),
        python=platform.python_version(),
        django=django.get_version(),
    ).set(1)
