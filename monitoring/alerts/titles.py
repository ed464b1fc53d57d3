"""What each alert says, in the language of whoever reads it; a test compares the rules."""

from django.utils.translation import gettext_lazy as _

TITLES = {
    "ChangesSeenLate": _("People see changes late"),
    "ErrorBudgetBurning": _("More changes are painted late than we promise"),
    "RelayStopped": _("Boards stand still, because no relay publishes"),
    "ChangesWaiting": _("Boards are behind, because the relay does not keep up"),
    "LiveHintsLost": _("Redis does not answer"),
    "BoardsSlow": _("The server sends changes late"),
    "SocketsRefused": _("Boards cannot connect"),
    "SlowReadersLetGo": _("Browsers read more slowly than their boards change"),
    "SocketHandlersFailing": _("Frames from browsers make the server fail"),
    "EventLoopBlocked": _("A process hangs in something that blocks it"),
    "SiteDown": _("No web process answers"),
    "TargetDown": _("A process does not answer"),
    "SiteUnreadable": _("What the site stands at cannot be read"),
    "PageErrors": _("Pages fail"),
    "PagesSlow": _("Pages are slow"),
    "DatabaseGone": _("The database does not answer"),
    "DatabaseSlow": _("The database is slow"),
    "DatabasePoolExhausted": _("A process has too few connections to the database"),
    "BrokerGone": _("The broker of the queues does not answer"),
    "WorkersGone": _("No worker is alive"),
    "QueueNotDraining": _("Messages wait in a queue and nobody takes them"),
    "TasksFailing": _("Background work fails"),
    "ScheduleSilent": _("The schedule stands still"),
    "NoticesNotDelivered": _("Notices do not go out"),
    "NoticesDead": _("Notices were given up"),
    "DingTalkRefusing": _("DingTalk does not take our messages"),
    "FeedbackOverdue": _("Many scorecards are overdue"),
}
