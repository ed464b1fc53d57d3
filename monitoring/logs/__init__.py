"""Log lines: where they go, what each of them tells, and what none of them may hold.

context        whose work a line is about: request, person, task, socket
privacy        what objects and exceptions may say of themselves
formats        how a line looks, for people and for programs
configuration  which line goes where
"""
