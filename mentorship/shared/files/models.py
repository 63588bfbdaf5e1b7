from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mentorship.shared.base.models import PublicModel
from mentorship.shared.base.texts import validate_one_line

# A file in a database has to pass through memory and backups: larger lists come in parts.
MOST_BYTES = 25 * 1024 * 1024
PART_BYTES = 1024 * 1024


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    def expired(self, at: datetime) -> "StoredFileQuerySet":
        """No longer to be kept at this instant."""
        return self.filter(expires_at__lte=at)


class StoredFile(PublicModel):
    """A file somebody brought or took, kept in parts until it expires.

    Kept as rows, so that every worker on every machine finds it, and a backup holds it.
    """

    class Kind(models.TextChoices):
        IMPORT = "import", _("Brought in")
        EXPORT = "export", _("Taken out")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("owner"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=200, validators=[validate_one_line])
    size = models.PositiveIntegerField(_("bytes"))
    digest = models.CharField(_("digest"), max_length=64)
    expires_at = models.DateTimeField(_("kept until"), db_index=True)

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = (
            models.CheckConstraint(
                condition=Q(size__gte=1, size__lte=MOST_BYTES), name="file_at_most_25_mb"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="file_expires_after_it_was_made"
            ),
        )

    def __str__(self) -> str:
        return self.name


class FilePart(models.Model):
    """A piece of a file, so that none has to lie in memory whole."""

    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField()
    content = models.BinaryField(max_length=PART_BYTES)

    class Meta:
        ordering = ("file", "number")
        constraints = (
            models.UniqueConstraint(fields=("file", "number"), name="file_part_once"),
            models.CheckConstraint(
                condition=Q(number__lt=MOST_BYTES // PART_BYTES), name="file_parts_at_most_25"
            ),
        )

    def __str__(self) -> str:
        return f"{self.file_id} {self.number}"
