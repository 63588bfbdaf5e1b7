import mentorship.shared.base.texts
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0009_one_list_of_skills'),
    ]

    operations = [
        migrations.AddField(
            model_name='textversion',
            name='title',
            field=models.CharField(default='', max_length=120, validators=[mentorship.shared.base.texts.validate_one_line], verbose_name='title'),
            preserve_default=False,
        ),
    ]
