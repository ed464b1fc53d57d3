"""Campaigns, jobs, candidates, applications, imports and the preferences of users.

Writes go through the services of `candidates`, `applications`, `openings` and `imports`.
"""

from jobs.models.anonymisation import AnonymisationList
from jobs.models.applications import Application, ApplicationEvent
from jobs.models.campaigns import Campaign, CampaignMember
from jobs.models.candidates import Candidate
from jobs.models.conflicts import ContactConflict
from jobs.models.erasure import ErasureRequest
from jobs.models.exports import ExportFile
from jobs.models.imports import FilledCandidate, ImportRun, LearnedColumn
from jobs.models.openings import Job
from jobs.models.personal_settings import PersonalSettings
from jobs.models.submissions import ApplicationLink, PendingApplication, Resume, Submission

__all__ = [
    "AnonymisationList",
    "Application",
    "ApplicationEvent",
    "ApplicationLink",
    "Campaign",
    "CampaignMember",
    "Candidate",
    "ContactConflict",
    "ErasureRequest",
    "ExportFile",
    "FilledCandidate",
    "ImportRun",
    "Job",
    "LearnedColumn",
    "PendingApplication",
    "PersonalSettings",
    "Resume",
    "Submission",
]
