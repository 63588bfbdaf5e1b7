from django.db import migrations, models


class Migration(migrations.Migration):
    """What was kept as an object is read as pairs too, so no row need be rewritten."""

    dependencies = [("programs", "0017_places")]

    operations = [
        migrations.RenameField("importfile", "columns", "pairs"),
        migrations.AlterField(
            "importfile", "pairs", models.JSONField(default=list, verbose_name="columns")
        ),
    ]
