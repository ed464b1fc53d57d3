"""The tables of this app live with what fills them; Django finds them from here."""

from monitoring.audit.models import AuditEntry as AuditEntry
