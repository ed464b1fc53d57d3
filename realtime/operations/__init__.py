"""What operations look at: one live list of processes and of what went wrong, and what the site
stands at, told by the relay every few seconds.
"""
