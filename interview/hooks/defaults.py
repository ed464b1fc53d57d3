"""What every installation has from its first migration on: groups, and the three default rounds.

The rounds are those of the course project this product grew from.
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

# What a coordinator may do in the admin; rows are limited to his campaigns by the admin's
# querysets.
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
NAMED_IN_FULL = {
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


def ensure(**kwargs: Any) -> None:
    """After a migration or flush: create what is missing, leave alone what people have edited.

    A migration may stop anywhere, also where the tables of this are not there.
    """
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0)  # this handler may run before django's own
    try:
        with transaction.atomic():
            ensure_groups()
            ensure_rounds()
    except ProgrammingError:  # no such table, no such column
        logger.info("Groups and rounds are installed by a later migration")


def ensure_groups() -> None:
    """Give each group what the code declares, each permission once: one that a person has taken
    away since is not given back, and what a person has added stays.
    """
    for name in GROUPS:
        group, _created = Group.objects.get_or_create(name=name)
        given = GivenPermission.objects.filter(group=group).values("permission")
        fresh = list(_permissions(declared_permissions(name)).exclude(pk__in=given))
        if fresh:
            group.permissions.add(*fresh)
            GivenPermission.objects.bulk_create(
                GivenPermission(group=group, permission=permission) for permission in fresh
            )


def declared_permissions(group: str) -> Iterator[str]:
    """What the group of this name may do, as in `jobs.view_candidate`."""
    for app_label, by_model in PERMISSIONS[group].items():
        for model, verbs in by_model.items():
            for verb in verbs:
                codename = verb if verb in NAMED_IN_FULL else f"{verb}_{model}"
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
