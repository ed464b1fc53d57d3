"""Several web processes listen on one port; one that cannot be shared is named with the reason."""

from __future__ import annotations

import socket

import pytest
from django.core.management import CommandError

from project.management.commands.web import listen_at

HOST = "127.0.0.1"


def test_two_listeners_share_a_port():
    with listen_at(HOST, 0) as first, listen_at(HOST, first.getsockname()[1]) as second:
        assert first.getsockname() == second.getsockname()


def test_the_port_of_another_program_is_refused_with_its_reason():
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=rf"--port: .*{port}: .*Address already in use"):
            listen_at(HOST, port)


def test_a_port_that_does_not_exist_is_refused_with_its_reason():
    with pytest.raises(CommandError, match=r"--port: .*70000: .*must be 0-65535"):
        listen_at(HOST, 70_000)
