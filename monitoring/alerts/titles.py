"""Translated titles of the alert rules. A test checks that every rule has one."""

from django.utils.translation import gettext_lazy as _

TITLES = {
    "ChangesSeenLate": _("People see changes late"),
    "ErrorBudgetBurning": _("Too many changes are shown late"),
    "RelayStopped": _("No relay is running: boards are frozen"),
    "ChangesWaiting": _("The relay does not keep up: boards are delayed"),
    "LiveHintsLost": _("Redis does not respond"),
    "BoardsSlow": _("The server sends changes late"),
    "SocketsRefused": _("Boards cannot connect"),
    "SlowReadersLetGo": _("Browsers receive updates too slowly"),
    "SocketHandlersFailing": _("Messages from browsers cause server errors"),
    "EventLoopBlocked": _("A process is blocked"),
    "SiteDown": _("No web process responds"),
    "TargetDown": _("A process does not respond"),
    "SiteUnreadable": _("The status of the site cannot be read"),
    "PageErrors": _("Pages fail"),
    "PagesSlow": _("Pages are slow"),
    "DatabaseGone": _("The database does not respond"),
    "DatabaseSlow": _("The database is slow"),
    "DatabasePoolExhausted": _("A process has run out of database connections"),
    "BrokerGone": _("The task broker does not respond"),
    "WorkersGone": _("No worker is running"),
    "QueueNotDraining": _("A task queue is not being processed"),
    "TasksFailing": _("Background tasks fail"),
    "ScheduleSilent": _("Scheduled tasks do not run"),
    "NoticesNotDelivered": _("Notifications are not being sent"),
    "NoticesDead": _("Notifications could not be delivered"),
    "DingTalkRefusing": _("DingTalk rejects our messages"),
    "FeedbackOverdue": _("Many scorecards are overdue"),
}
