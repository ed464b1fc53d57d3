"""Who may use which part of the API; which rows he sees is the querysets' business."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from jobs.coordinators import is_coordinator


class IsCoordinator(BasePermission):
    """For coordinators, whichever campaign is theirs."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return is_coordinator(request.user)


class IsCoordinatorOrReadOnly(IsCoordinator):
    """Anyone signed in may ask and is shown what is his; only coordinators change anything."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.method in SAFE_METHODS:
            return bool(request.user and request.user.is_authenticated)
        return super().has_permission(request, view)
