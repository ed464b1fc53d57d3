"""Demo data: a fictional company on an interview day, generated from a fixed seed.

`loader` creates it once: `plan` lays out the day, `history` works out what has happened by now, and
`writer` saves it. `manage.py load_demo` and `make run` call it.
"""
