"""Serializers that refuse fields which cannot be written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers


def reject_unknown_fields(entries: Mapping[Any, Any], writable: Collection[str]) -> None:
    """Raises ValidationError, by field, for fields that are not writable."""
    if unknown := entries.keys() - set(writable):
        raise serializers.ValidationError(
            {str(name): [_("This field cannot be changed here.")] for name in unknown}
        )


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer that refuses unknown and read-only fields instead of ignoring them."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            fields = self.fields.items()
            reject_unknown_fields(data, [name for name, field in fields if not field.read_only])
        return super().to_internal_value(data)
