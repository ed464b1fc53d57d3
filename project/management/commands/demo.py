"""`manage.py demo`: the site, with a fictional interview day playing on it."""

from project.management.commands import run


class Command(run.Command):
    """Runs the site and plays a day at sixty times its speed, so that the board moves by itself."""

    help = "Run the site and play an interview day at 60 × speed."
    play = True
