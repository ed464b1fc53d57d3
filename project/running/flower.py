"""Flower, which shows Celery at work: on this machine only, behind a sign-in of its own."""

from django.conf import settings

from project.running.processes import commands

HOST = "127.0.0.1"
USER = "operations"


def command() -> list[str]:
    """Its command line; what is secret comes by `environment`, which no list of processes shows."""
    port = str(settings.ENVIRONMENT.flower_port)
    return [*commands()["flower"], f"--address={HOST}", f"--port={port}"]


def environment() -> dict[str, str]:
    """Its password, the demo's for a demo: the rest of the site reads the same environment, and
    sees in it a database that was given, which must not do without.
    """
    password = settings.ENVIRONMENT.flower_password or settings.ENVIRONMENT.demo_password
    return {"FLOWER_PASSWORD": password, "FLOWER_BASIC_AUTH": f"{USER}:{password}"}


def sentence() -> str:
    """Where it is and who may sign in."""
    address = f"http://{HOST}:{settings.ENVIRONMENT.flower_port}/"
    is_demo = not settings.ENVIRONMENT.flower_password
    which = settings.ENVIRONMENT.demo_password if is_demo else "that of FLOWER_PASSWORD"
    return f"Flower is at {address}: sign in as {USER}; password {which}"
