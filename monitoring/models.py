"""Django looks for models here; the modules that define them are in `audit` and `backups`."""

from monitoring.audit.models import AuditEntry as AuditEntry
from monitoring.backups.models import Backup as Backup
