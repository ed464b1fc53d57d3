"""The demo that `run` loads into a database of its own, and who may sign in to it."""

from django.conf import settings
from django.contrib.auth import get_user_model

from project.embedded.sharing import missing_servers
from project.running import CannotRun

PEOPLE = {
    "lin": "coordinator",
    "wu": "interviewer",
    "zhao": "interviewer",
    "chen": "operations",
    "sun": "in no group",
    "admin": "superuser",
}


def serves_demo() -> bool:
    """Whether the data is ours to make up: only in the embedded database."""
    return "PostgreSQL" in missing_servers(settings.ENVIRONMENT)


def refuse_the_published_password() -> None:
    """Raises CannotRun if the demo's people, a superuser among them, would be created with the
    password that the documents name, without DEBUG: others may come then.
    """
    is_published = settings.ENVIRONMENT.demo_password == settings.PUBLISHED_DEMO_PASSWORD
    if serves_demo() and not settings.DEBUG and is_published:
        raise CannotRun(
            "DEMO_PASSWORD must be your own, of 8 characters or more, with DEBUG=no and the"
            " embedded database: anyone could sign in as the demo's superuser."
        )


def refuse_an_open_demo() -> None:
    """Raises CannotRun if a demo that was loaded with DEBUG is served without it, unchanged."""
    if settings.DEBUG or not serves_demo():
        return
    people = get_user_model().objects.filter(username__in=PEOPLE, is_active=True)
    open_to_all = [
        one.username for one in people if one.check_password(settings.PUBLISHED_DEMO_PASSWORD)
    ]
    if open_to_all:
        raise CannotRun(
            f"DEMO_PASSWORD: {', '.join(sorted(open_to_all))} still have the published one in"
            " DATA_DIR, which DEBUG=no refuses; change theirs, or take an empty DATA_DIR."
        )


def sign_ins() -> str:
    """Returns the sentence with the demo's user names and password; "" for other data."""
    if not serves_demo():
        return ""
    password = settings.ENVIRONMENT.demo_password
    lin = get_user_model().objects.filter(username="lin").first()
    holds = lin is not None and lin.check_password(password)
    shown = password if holds else "as it was when the demo was loaded, or changed since"
    people = ", ".join(f"{name} ({role})" for name, role in PEOPLE.items())
    return f"Sign in as {people}; password {shown}"
