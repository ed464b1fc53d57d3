"""The audit page for coordinators: who did what and when. The log itself is monitoring.audit."""
