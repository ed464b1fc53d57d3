"""`manage.py runserver` must not start a server whose boards would stay empty."""

import pytest
from django.core.management import CommandError, call_command


def test_runserver_names_the_commands_that_serve_live_boards() -> None:
    with pytest.raises(CommandError, match=r"make run.*manage\.py web"):
        call_command("runserver", "8000")
