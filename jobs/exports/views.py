"""The export button of lists."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jobs.coordinators import coordinated_campaigns, signed_in_user
from jobs.exports.queue import export_start
from realtime.http.rate_limits import rate_limited
from realtime.http.reauthentication import password_prompt

NOT_FILTERS = {"csrfmiddlewaretoken", "what", "format", "back", "page"}


@login_required
@require_POST
@rate_limited("export")
def export(request: HttpRequest) -> HttpResponse:
    """Starts an export with the filters of the list, and redirects back to it."""
    coordinated_campaigns(request.user)
    if prompt := password_prompt(request):
        return prompt
    asked = request.POST.dict()
    filters = {name: value for name, value in asked.items() if value and name not in NOT_FILTERS}
    try:
        export_start(
            what=asked.get("what", ""),
            file_format=asked.get("format", ""),
            filters=filters,
            by=signed_in_user(request),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The export has started. Download the file from your tasks."))
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """Returns the address to go back to; other hosts are refused."""
    address = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
    return address if is_ours else "tasks"
