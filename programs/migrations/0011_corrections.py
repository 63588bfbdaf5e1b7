import django.db.models.deletion
import mentorship.shared.base.clock
import mentorship.shared.base.codes
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0010_text_titles'),
    ]

    operations = [
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(default=mentorship.shared.base.clock.now, editable=False, verbose_name='made')),
                ('updated_at', models.DateTimeField(default=mentorship.shared.base.clock.now, editable=False, verbose_name='changed')),
                ('code', models.CharField(default=mentorship.shared.base.codes.new_code, editable=False, max_length=14, unique=True, verbose_name='code')),
                ('changes', models.JSONField(default=list)),
                ('application', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.application')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('program', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.program')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'correction',
                'verbose_name_plural': 'corrections',
                'ordering': ('-created_at', '-id'),
            },
        ),
    ]
