"""Django looks for models here; the module that defines them is `audit.models`."""

from monitoring.audit.models import AuditEntry as AuditEntry
