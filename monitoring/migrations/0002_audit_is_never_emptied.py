from django.db import migrations

# TRUNCATE is no DELETE, and passes the trigger of one by.
NEVER_EMPTIED = """
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON monitoring_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION monitoring_audit_is_only_added_to();
"""
NO_LONGER = "DROP TRIGGER never_emptied ON monitoring_auditentry;"


class Migration(migrations.Migration):

    dependencies = [("monitoring", "0001_audit")]

    operations = [migrations.RunSQL(NEVER_EMPTIED, NO_LONGER)]
