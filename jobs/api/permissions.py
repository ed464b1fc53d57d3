"""Permission classes of the API. The querysets decide which rows a user sees."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from jobs.coordinators import is_coordinator


class IsCoordinator(BasePermission):
    """Allows users who coordinate at least one campaign."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return is_coordinator(request.user)


class IsCoordinatorOrReadOnly(IsCoordinator):
    """Allows reading for signed-in users and writing for coordinators."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method in SAFE_METHODS:
            return bool(request.user and request.user.is_authenticated)
        return super().has_permission(request, view)
