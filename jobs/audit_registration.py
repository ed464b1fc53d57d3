"""Registers the models of this app with the audit log. Coordinators may read the entries."""

from jobs.coordinators import is_coordinator
from jobs.models import Application, Campaign, CampaignMember, Candidate, Job
from monitoring import audit


def connect() -> None:
    audit.allow_readers(is_coordinator)
    audit.track(Campaign, visible_to=Campaign.objects.coordinated_by)
    audit.track(
        CampaignMember,
        visible_to=lambda user: CampaignMember.objects.filter(
            campaign__in=Campaign.objects.coordinated_by(user)
        ),
    )
    audit.track(Job, visible_to=Job.objects.visible_to)
    audit.track(Candidate, visible_to=Candidate.objects.visible_to)
    audit.track(Application, visible_to=Application.objects.visible_to)
