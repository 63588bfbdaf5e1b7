"""A list that a coordinator brings in the dashboard: looked at first, taken in afterwards."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import PublicModel
from mentorship.shared.files.models import StoredFile
from programs.models.cohorts import Cohort
from programs.models.people import User
from programs.models.programs import Program

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class ImportJobQuerySet(models.QuerySet["ImportJob"]):
    def coordinated_by(self, user: "User | AnonymousUser") -> "ImportJobQuerySet":
        return self.filter(cohort__program__in=Program.objects.coordinated_by(user))

    def to_carry_out(self, at: datetime) -> "ImportJobQuerySet":
        """Waiting for a worker, or left behind by one whose lease ran out."""
        status = ImportJob.Status
        return self.filter(
            Q(status__in=(status.QUEUED, status.CONFIRMED))
            | Q(status__in=(status.CHECKING, status.IMPORTING), lease_until__lt=at)
        )


class ImportJob(PublicModel):
    """Files for one cohort on their way in: columns chosen, checked, then all taken or none."""

    class Status(models.TextChoices):
        COLUMNS = "columns", _("Columns to be chosen")
        QUEUED = "queued", _("Waits for the check")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        CONFIRMED = "confirmed", _("Waits for the import")
        IMPORTING = "importing", _("Being imported")
        IMPORTED = "imported", _("Imported")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    # Which status may follow which. Buttons ask `can_move_to`; actions enforce it.
    MOVES: Mapping[str, frozenset[str]] = {
        Status.COLUMNS: frozenset({Status.QUEUED, Status.CANCELLED}),
        Status.QUEUED: frozenset({Status.CHECKING, Status.CANCELLED}),
        Status.CHECKING: frozenset({Status.CHECKED, Status.FAILED, Status.CANCELLED}),
        Status.CHECKED: frozenset({Status.QUEUED, Status.CONFIRMED, Status.CANCELLED}),
        Status.CONFIRMED: frozenset({Status.IMPORTING, Status.CANCELLED}),
        # Back to checked when the applications changed since the check.
        Status.IMPORTING: frozenset(
            {Status.IMPORTED, Status.CHECKED, Status.FAILED, Status.CANCELLED}
        ),
        Status.IMPORTED: frozenset(),
        Status.FAILED: frozenset(),
        Status.CANCELLED: frozenset(),
    }
    UNFINISHED = (Status.QUEUED, Status.CHECKING, Status.CONFIRMED, Status.IMPORTING)
    # A worker that is killed is followed by another, but not by a fourth.
    MOST_ATTEMPTS = 3

    cohort = models.ForeignKey(
        Cohort, on_delete=models.PROTECT, related_name="imports", verbose_name=_("cohort")
    )
    asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.COLUMNS
    )
    # A mapping in TOML takes the place of the columns chosen for each file.
    mapping = models.TextField(_("mapping"), blank=True)

    # The work.
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    is_writing = models.BooleanField(default=False, editable=False)
    rows_read = models.PositiveIntegerField(_("rows read"), default=0, editable=False)
    rows_total = models.PositiveIntegerField(_("rows in all"), default=0, editable=False)
    cancel_asked_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    failure = models.CharField(_("what went wrong"), max_length=500, blank=True)

    # What the check found; after the import what was done.
    new = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("as they were"), default=0)
    wrong = models.PositiveIntegerField(_("wrong"), default=0)
    # Faults of whole files, and what was guessed, as sentences.
    faults = models.JSONField(_("faults"), default=list)
    remarks = models.JSONField(_("remarks"), default=list)
    # Of every row and of what it would change: an import that would do otherwise is not done.
    digest = models.CharField(_("digest of the check"), max_length=64, blank=True)
    is_outdated = models.BooleanField(_("changed since the check"), default=False)

    objects = ImportJobQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = (
            # Without a lease nobody would ever take the work up again.
            models.CheckConstraint(
                condition=~Q(status__in=("checking", "importing")) | Q(lease_until__isnull=False),
                name="import_at_work_has_a_lease",
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | ~Q(failure=""), name="import_failed_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("confirmed", "importing", "imported")) | Q(wrong=0),
                name="import_takes_no_wrong_row",
            ),
        )

    def __str__(self) -> str:
        return f"{self.cohort}, {self.created_at:%Y-%m-%d %H:%M}"

    def can_move_to(self, status: str) -> bool:
        return status in self.MOVES[self.status]

    @property
    def is_unfinished(self) -> bool:
        """A worker has it or will have it."""
        return self.status in self.UNFINISHED

    def is_left_behind(self, at: datetime) -> bool:
        """Whether whoever worked on it has not been heard of for too long."""
        return self.is_unfinished and self.lease_until is not None and self.lease_until < at

    @property
    def can_be_cancelled(self) -> bool:
        """Rows that are being written are written within moments, or not at all."""
        return (
            self.can_move_to(self.Status.CANCELLED)
            and self.cancel_asked_at is None
            and not self.is_writing
        )

    @property
    def is_right(self) -> bool:
        """Checked, and there is something to take in and nothing wrong."""
        return (
            self.status == self.Status.CHECKED
            and not self.wrong
            and not self.faults
            and self.new + self.changed > 0
        )

    @property
    def share(self) -> float:
        """How much of the rows is read; 0 while nobody knows how many there are."""
        return min(self.rows_read / self.rows_total, 1.0) if self.rows_total else 0.0


class ImportFile(models.Model):
    """One of the files. It goes with the stored file, and its rows with it."""

    class Side(models.TextChoices):
        MENTORS = "mentor", _("Mentors")
        MENTEES = "mentee", _("Mentees")
        BOTH = "both", _("Mentors and mentees")

    job = models.ForeignKey(ImportJob, on_delete=models.CASCADE, related_name="files")
    side = models.CharField(_("who stands in it"), max_length=10, choices=Side.choices)
    stored = models.OneToOneField(StoredFile, on_delete=models.CASCADE, related_name="+")
    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    # What each column feeds, as pairs in the order of the file: PostgreSQL keeps the keys of a JSON
    # object in an order of its own. An empty target is left out.
    pairs = models.JSONField(_("columns"), default=list)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("job", "side"), name="import_file_once_per_side"),
        )

    def __str__(self) -> str:
        return self.stored.name

    @property
    def columns(self) -> dict[str, str]:
        """What each column feeds, by its name, in the order of the file."""
        return dict(self.pairs)

    @columns.setter
    def columns(self, fed: Mapping[str, str]) -> None:
        self.pairs = [[name, target] for name, target in fed.items()]


class ImportRow(models.Model):
    """What would become of one row, or became of it."""

    class Fate(models.TextChoices):
        WRONG = "wrong", _("Wrong")
        NEW = "new", _("New")
        CHANGED = "changed", _("Changed")
        UNCHANGED = "unchanged", _("As it was")

    file = models.ForeignKey(ImportFile, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    fate = models.CharField(_("fate"), max_length=10, choices=Fate.choices)
    who = models.CharField(_("who"), max_length=300, blank=True)
    # Of a changed one the questions, of a wrong one the faults: [column, sentence].
    details = models.JSONField(default=list)

    class Meta:
        ordering = ("file", "number", "id")
        indexes = (models.Index(fields=("file", "fate", "number"), name="import_rows_by_fate"),)

    def __str__(self) -> str:
        return f"{self.number}: {self.get_fate_display()}"
