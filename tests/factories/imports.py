import factory
from django.core.files.base import ContentFile

from mentorship.shared.base import clock
from mentorship.shared.files.models import StoredFile
from mentorship.shared.files.store import keep
from programs.models import ImportFile, ImportJob, ImportRow
from tests.factories.programs import CohortFactory, UserFactory


class ImportJobFactory(factory.django.DjangoModelFactory[ImportJob]):
    class Meta:
        model = ImportJob

    cohort = factory.SubFactory(CohortFactory)
    asked_by = factory.SubFactory(UserFactory)


def brought(job: ImportJob, canary: str = "", rows: int = 1) -> ImportJob:
    """A list of mentees as it came in, its columns guessed."""
    people = "".join(
        f"newcomer.{canary or 'x'}@{n}.example.org,{canary} newcomer {n}\n" for n in range(rows)
    )
    stored = keep(
        ContentFile(f"email,name\n{people}".encode(), name="list.csv"),
        owner=job.asked_by,
        kind=StoredFile.Kind.IMPORT,
        name=f"{canary} list.csv",
        days=14,
    )
    ImportFile.objects.create(
        job=job, side="mentee", stored=stored, columns={"email": "email", "name": "name"}
    )
    return job


def checked(job: ImportJob, canary: str = "", rows: int = 1) -> ImportJob:
    """The same after the check, ready to be imported."""
    file = brought(job, canary, rows).files.get()
    ImportRow.objects.bulk_create(
        ImportRow(file=file, number=n + 2, fate="new", who=f"{canary} newcomer {n}")
        for n in range(rows)
    )
    job.status, job.new, job.finished_at = ImportJob.Status.CHECKED, rows, clock.now()
    job.save()
    return job
