"""What a browser sends in a form, before any of our views has seen it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from mentorship.shared.files.models import MOST_BYTES
from mentorship.shared.files.store import too_large


class BoundedUploadHandler(FileUploadHandler):
    """Lets the first bytes of every file through, and swallows what is beyond the limit.

    A file that is too large thus never fills the disk; it arrives cut, a little longer than the
    limit, and the form refuses it with a sentence.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """The chunk for the handlers behind this one, or nothing."""
        return raw_data if start <= MOST_BYTES else None

    def file_complete(self, file_size: int) -> None:
        """The handlers behind this one make the file."""


class UploadField(forms.FileField):
    """A file of at most MOST_BYTES."""

    widget = forms.FileInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if isinstance(upload, UploadedFile) and (upload.size or 0) > MOST_BYTES:
            raise ValidationError(too_large(), code="too_large")
        return upload
