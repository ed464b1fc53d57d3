"""A fictional company on an interview day: generated, seeded, loaded once, the same every time.

plan → history → writer: what the day looks like, what happened so far, and all of it written.
"""
