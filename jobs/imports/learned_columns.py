"""Remembers the fields that people give unknown headings, so that the next file needs no hand.

Remembered for each campaign, because its files have the same origin.
"""

from __future__ import annotations

from collections import Counter

from jobs.imports.columns import (
    NOTHING,
    Column,
    Layout,
    LearnedColumns,
    field_for_heading,
    is_contact,
)
from jobs.imports.options import IGNORED
from jobs.models import Campaign
from jobs.models.imports import LearnedColumn


def learned_columns(campaign: Campaign | None) -> LearnedColumns:
    """Returns what earlier imports into the campaign have taught."""
    if campaign is None:
        return NOTHING
    return dict(campaign.learned_columns.values_list("heading", "field"))


def learn_columns(*, campaign: Campaign | None, layout: Layout) -> None:
    """Stores the fields of this layout that differ from what its headings say.

    Call it when an import is applied: somebody has confirmed the columns.
    """
    if campaign is None or not has_real_headings(layout):
        return
    times = Counter(column.key for column in layout.columns)
    named = [one for one in layout.columns if one.key and times[one.key] == 1]
    learned = {
        one.key: one.field
        for one in named
        if one.field != (field_for_heading(one.heading) or IGNORED)
    }
    stored = learned_columns(campaign)
    LearnedColumn.objects.bulk_create(
        [
            LearnedColumn(campaign=campaign, heading=key, field=field)
            for key, field in learned.items()
            if stored.get(key) != field
        ],
        update_conflicts=True,
        unique_fields=["campaign", "heading"],
        update_fields=["field"],
    )
    as_read = [one.key for one in named if one.key not in learned]
    campaign.learned_columns.filter(heading__in=as_read).delete()


def has_real_headings(layout: Layout) -> bool:
    """False without headings, and if a person's contact is among them: nobody is remembered."""
    return layout.has_headings and not any(is_contact(one.heading) for one in layout.columns)


def is_learned(column: Column, learned: LearnedColumns) -> bool:
    """True if an earlier import has given the column its field."""
    return column.key in learned and learned[column.key] == column.field
