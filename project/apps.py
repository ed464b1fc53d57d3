from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "project"

    def ready(self) -> None:
        from project import disk
        from project.accounts import lockout, sign_ins  # noqa: F401 connect their signals
        from project.readiness import register_checks

        register_checks()
        disk.register_check()
