from django.db import migrations

DEFAULT = "most-mentees-then-total"


def move(apps, schema_editor):
    """Write who stayed without a mentor as rows, and the objective as a column."""
    MatchingRun = apps.get_model("matching", "MatchingRun")
    Participant = apps.get_model("programs", "Participant")
    Unmatched = apps.get_model("matching", "Unmatched")
    runs = MatchingRun.objects.order_by("pk").defer("prices")
    for run in runs.iterator(chunk_size=20):
        run.objective = run.policy.get("objective", DEFAULT)
        run.save(update_fields=["objective"])
        asked = [mentee["id"] for mentee in run.problem.get("mentees", ())]
        placed = run.suggestions.values("mentee")
        left = Participant.objects.filter(cohort=run.cohort_id, code__in=asked)
        Unmatched.objects.bulk_create(
            [Unmatched(run=run, mentee=mentee) for mentee in left.exclude(pk__in=placed)],
            batch_size=1000,
        )


class Migration(migrations.Migration):
    """What earlier runs tell of themselves stays; what they were asked does not.

    Their input was kept in a form that the engine no longer reads, so these runs can be neither
    checked nor repeated any more, and say so on their page. Their pairs, prices, figures and who
    stayed without a mentor are kept. Backwards nothing is lost that was there before, except that
    same input, which 0005 drops.
    """

    dependencies = [
        ('matching', '0003_run_input_apart'),
    ]

    operations = [
        migrations.RunPython(move, migrations.RunPython.noop, elidable=False),
    ]
