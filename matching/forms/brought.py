from django import forms
from django.utils.translation import gettext_lazy

from mentorship.shared.files.uploads import UploadField


class PairsForm(forms.Form):
    """A list of pairs that somebody made by hand."""

    file = UploadField(
        label=gettext_lazy("A list of pairs"),
        help_text=gettext_lazy("CSV or XLSX, one pair in a row."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx,.txt"}),
    )
