from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class InterviewConfig(AppConfig):
    name = "interview"
    verbose_name = _("Interviews")

    def ready(self) -> None:
        from interview import audited, defaults, signals, topics

        topics.register()
        signals.connect()
        audited.connect()
        post_migrate.connect(defaults.ensure, sender=self)
