"""Simulates an interview day for demos: people who arrive, run late, decline and score.

`driver` reads the state of the day (`day`), asks `planner` for the next step and executes it
through the services. `manage.py simulate_day` and `make demo` start it.
"""
