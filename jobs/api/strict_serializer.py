"""What the API takes: the fields that can be written, and no other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


def reject_unknown_fields(entries: Mapping[Any, Any], taken: Collection[str]) -> None:
    """Raise ValidationError, at each of them, for fields that nobody would look at."""
    if strange := entries.keys() - set(taken):
        raise serializers.ValidationError(
            {str(name): [_("This cannot be changed here.")] for name in strange}
        )


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer that refuses what it would else leave out: unknown and read-only fields."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            fields = self.fields.items()
            reject_unknown_fields(data, [name for name, field in fields if not field.read_only])
        return super().to_internal_value(data)
