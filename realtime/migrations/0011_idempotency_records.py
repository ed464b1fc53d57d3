from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('realtime', '0010_plainer_labels'),
    ]

    operations = [
        migrations.AlterModelTable(
            name='keptanswer',
            table='realtime_keptanswer',
        ),
        migrations.RenameModel(
            old_name='KeptAnswer',
            new_name='IdempotencyRecord',
        ),
    ]
