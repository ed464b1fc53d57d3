from django.db import migrations, models

import interview.models.delivery_channels


class Migration(migrations.Migration):
    dependencies = [("interview", "0016_plain_labels")]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="channel",
            field=models.CharField(
                choices=interview.models.delivery_channels.choices,
                max_length=10,
                verbose_name="channel",
            ),
        ),
    ]
