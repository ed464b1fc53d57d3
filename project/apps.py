from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "project"

    def ready(self) -> None:
        from project import build_info, disk
        from project.accounts import lockout, sign_ins  # noqa: F401 connect their signals
        from project.readiness import register_checks

        build_info.export()
        register_checks()
        disk.register_check()
