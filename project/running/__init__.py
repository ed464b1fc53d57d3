"""What `manage.py run` is made of: checks, the steps before the site can serve, its processes."""


class CannotRun(Exception):
    """The site cannot run; the message is one sentence that says why."""
