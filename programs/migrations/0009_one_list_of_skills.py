from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("programs", "0008_skills_with_levels")]

    operations = [
        migrations.RemoveField(model_name="profile", name="skills_offered"),
        migrations.RemoveField(model_name="profile", name="skills_wanted"),
    ]
