from django.db import migrations, models


class Migration(migrations.Migration):
    """The old form of the input goes: see 0004."""

    dependencies = [
        ('matching', '0004_who_was_left_over'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='matchingrun',
            name='problem',
        ),
        migrations.AddConstraint(
            model_name='matchingrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'running'), _negated=True), ('lease_until__isnull', False), _connector='OR'), name='run_running_has_a_lease'),
        ),
        migrations.AddConstraint(
            model_name='matchingrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'failed'), _negated=True), models.Q(('failure', ''), _negated=True), _connector='OR'), name='run_failed_says_why'),
        ),
    ]
