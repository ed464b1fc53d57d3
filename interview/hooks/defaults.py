"""Default data of every installation: groups with permissions, and three interview rounds.

Installed after each migration.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import ProgrammingError, transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import Concat

from interview.models import Criterion, GivenPermission, RoundTemplate

logger = logging.getLogger(__name__)

# Admin permissions; the admin's querysets limit coordinators to the rows of their campaigns.
COORDINATOR_PERMISSIONS = {
    "jobs": {
        "campaign": ["view", "change"],
        "campaignmember": ["view", "add", "change", "delete"],
        "job": ["view", "add", "change", "delete"],
        "candidate": ["view", "add", "change", "export", "anonymise"],
        "anonymisationlist": ["view"],
        "application": ["view", "add", "change"],
        "applicationevent": ["view"],
    },
    "interview": {
        "room": ["view", "add", "change"],
        "remindersettings": ["view", "add", "change"],
        "roundtemplate": ["view", "add", "change"],
        "criterion": ["view", "add", "change"],
        "interview": ["view", "notify_interviewers"],
        "delivery": ["view", "resend_delivery"],
        "interviewassignment": ["view"],
        "interviewevent": ["view"],
        "scorecard": ["view"],
        "robot": ["view", "send_test_message"],
    },
    "monitoring": {"auditentry": ["view"]},
}
INTERVIEWER_PERMISSIONS = {
    "jobs": {"candidate": ["view"]},
    "interview": {"interview": ["view"], "scorecard": ["view"]},
}
OPERATIONS_PERMISSIONS = {
    "realtime": {"taskrun": ["view"], "scheduledrun": ["view"], "heartbeat": ["view"]},
    "django_celery_beat": {
        "periodictask": ["view", "change"],
        "crontabschedule": ["view", "add", "change"],
        "intervalschedule": ["view", "add", "change"],
    },
    "jobs": {"anonymisationlist": ["view"]},
    "interview": {"robot": ["view", "change", "send_test_message"]},
}
PERMISSIONS = {
    "coordinator": COORDINATOR_PERMISSIONS,
    "interviewer": INTERVIEWER_PERMISSIONS,
    "operations": OPERATIONS_PERMISSIONS,
}
GROUPS = tuple(PERMISSIONS)
CUSTOM_CODENAMES = {
    "export",
    "anonymise",
    "notify_interviewers",
    "resend_delivery",
    "send_test_message",
}

LEARNING = ("learning", "学习能力", "Learning ability")
PROFESSIONAL = ("professional", "专业能力", "Professional competency")
ROUNDS = [
    (1, "第一轮", "First round", 45, [LEARNING, PROFESSIONAL]),
    (
        2,
        "第二轮",
        "Second round",
        60,
        [
            LEARNING,
            PROFESSIONAL,
            ("excellence", "追求卓越", "Pursuit of excellence"),
            ("communication", "沟通能力", "Communication"),
            ("pressure", "抗压能力", "Working under pressure"),
        ],
    ),
    (
        3,
        "HR 面",
        "HR round",
        45,
        [
            ("responsibility", "责任心", "Responsibility"),
            ("communication", "沟通能力", "Communication"),
            ("logic", "逻辑思维", "Logic"),
            ("potential", "潜力", "Potential"),
            ("stability", "稳定性", "Stability"),
        ],
    ),
]


def install_defaults(**kwargs: Any) -> None:
    """Create missing groups and rounds; leave those that people have edited unchanged.

    Receiver of `post_migrate`. A migration can stop at an early version, before these tables exist.
    """
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0)  # this receiver may run before Django's own
    try:
        with transaction.atomic():
            ensure_groups()
            ensure_rounds()
    except ProgrammingError:  # no such table, no such column
        logger.info("Groups and rounds are installed by a later migration")


def ensure_groups() -> None:
    """Grant each group its declared permissions, each only once.

    A permission that a person removed is not granted again; one that a person added stays.
    """
    for name in GROUPS:
        group, _created = Group.objects.get_or_create(name=name)
        granted = GivenPermission.objects.filter(group=group).values("permission")
        new = list(_permissions(declared_permissions(name)).exclude(pk__in=granted))
        if new:
            group.permissions.add(*new)
            GivenPermission.objects.bulk_create(
                GivenPermission(group=group, permission=permission) for permission in new
            )


def declared_permissions(group: str) -> Iterator[str]:
    """The declared permissions of a group, such as "jobs.view_candidate"."""
    for app_label, by_model in PERMISSIONS[group].items():
        for model, verbs in by_model.items():
            for verb in verbs:
                codename = verb if verb in CUSTOM_CODENAMES else f"{verb}_{model}"
                yield f"{app_label}.{codename}"


def _permissions(names: Iterable[str]) -> QuerySet[Permission]:
    full_name = Concat("content_type__app_label", Value("."), "codename")
    return Permission.objects.annotate(full_name=full_name).filter(full_name__in=list(names))


def ensure_rounds() -> None:
    for number, name, name_en, minutes, criteria in ROUNDS:
        template, created = RoundTemplate.objects.get_or_create(
            campaign=None,
            number=number,
            defaults={"name": name, "name_en": name_en, "duration_minutes": minutes},
        )
        if created:
            Criterion.objects.bulk_create(
                Criterion(round=template, key=key, name=label, name_en=label_en, position=position)
                for position, (key, label, label_en) in enumerate(criteria)
            )
