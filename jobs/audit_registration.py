"""Which records of hiring the audit watches, and who may read of them: their coordinators."""

from jobs.coordinators import coordinates_anything
from jobs.models import Application, Campaign, CampaignMember, Candidate, Job
from monitoring import audit


def connect() -> None:
    audit.read_by(coordinates_anything)
    audit.watch(Campaign, visible_to=Campaign.objects.coordinated_by)
    audit.watch(
        CampaignMember,
        visible_to=lambda user: CampaignMember.objects.filter(
            campaign__in=Campaign.objects.coordinated_by(user)
        ),
    )
    audit.watch(Job, visible_to=Job.objects.visible_to)
    audit.watch(Candidate, visible_to=Candidate.objects.visible_to)
    audit.watch(Application, visible_to=Application.objects.visible_to)
