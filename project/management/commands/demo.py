"""`manage.py demo`: runs the site and simulates an interview day on it."""

from project.management.commands import run


class Command(run.Command):
    """Runs the site like `run`, with a simulated day that changes the board at 60 × speed."""

    help = "Run the site and simulate an interview day at 60 × speed."
    play = True
