"""Forms that were answered before this update are frozen from their first application on."""

from typing import Any

from django.db import migrations
from django.db.models import Min, OuterRef, Subquery


def freeze_answered_forms(apps: Any, schema_editor: Any) -> None:
    """The first application to a form is the instant from which on it stays as it is."""
    applications = apps.get_model("programs", "Application").objects.filter(
        questionnaire=OuterRef("pk")
    )
    first = applications.order_by().values("questionnaire").annotate(at=Min("created_at"))
    forms = apps.get_model("questions", "Questionnaire").objects.filter(frozen_at__isnull=True)
    forms.update(frozen_at=Subquery(first.values("at")))


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0013_own_look"),
        ("questions", "0003_identifying"),
    ]

    operations = (
        # Nothing to take back: a form that is answered stays so.
        migrations.RunPython(freeze_answered_forms, migrations.RunPython.noop),
    )
