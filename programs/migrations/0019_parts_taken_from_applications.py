from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0018_columns_in_order'),
    ]

    operations = [
        migrations.AddField(
            model_name='profile',
            name='taken',
            field=models.JSONField(blank=True, default=dict, editable=False, verbose_name='taken from applications'),
        ),
    ]
