"""Plays an interview day as people would, through the same door as they.

day (what is seen) → planner (what happens next; pure) → driver (does it, and waits).
"""
