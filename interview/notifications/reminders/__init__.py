"""What time itself makes people need to know. `due` and `working_days` are rules without a
database; each of the others reads what is so now, and tells whom it concerns, once.
"""
