"""The admin of what is hired for and who applied. Rows and sections depend on who looks; writing
goes through the services.
"""

from jobs.admin import applications, candidates, openings

__all__ = ["applications", "candidates", "openings"]
