"""The admin of campaigns, jobs, candidates and applications.

Rows and sections depend on the user; writes go through the services.
"""

from jobs.admin import applications, candidates, openings

__all__ = ["applications", "candidates", "openings"]
