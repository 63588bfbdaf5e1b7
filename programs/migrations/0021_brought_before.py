from typing import Any

from django.db import migrations
from django.db.models import F

BATCH = 500


def note_what_lists_brought(apps: Any, schema_editor: Any) -> None:
    """Applications that a list brought before that was noted, as far as it is sure.

    Whoever has never logged in has sent in nothing, so a list brought it. They may still have
    answered from a mail, which needs no log-in: then the history has an event of theirs in the
    program, and the application is left as it is.
    """
    Application = apps.get_model("programs", "Application")
    AuditEvent = apps.get_model("audit", "AuditEvent")
    events = AuditEvent.objects.exclude(actor_code="").order_by()
    acted = set(events.values_list("program_code", "actor_code").distinct())
    rows = Application.objects.filter(
        submitted_at__isnull=False,
        brought_at__isnull=True,
        applicant__last_login__isnull=True,
        applicant__erased_at__isnull=True,
    ).exclude(status__in=("draft", "withdrawn"))
    found = rows.values_list("pk", "cohort__program__code", "applicant__code")
    brought = [pk for pk, program, person in found if (program, person) not in acted]
    for start in range(0, len(brought), BATCH):
        some = Application.objects.filter(pk__in=brought[start : start + BATCH])
        some.update(brought_at=F("submitted_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0020_how_people_are_matched"),
        ("audit", "0001_initial"),
    ]

    operations = [migrations.RunPython(note_what_lists_brought, migrations.RunPython.noop)]
