"""The parts of `manage.py run`: checks, preparation, supervised processes."""


class CannotRun(Exception):
    """The site cannot run; the message is one sentence that says why."""
