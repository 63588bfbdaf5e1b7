from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentorship.shared.files.uploads import UploadField
from programs.actions.import_jobs import asked_in, guesses, questions_of, sheets
from programs.imports.columns import (
    CODE_OF_ROW,
    EMAIL,
    FIRST_NAME,
    LAST_NAME,
    LEFT_OUT,
    NAME,
    QUESTION,
    REFERENCE_OF_ROW,
    ROLE_OF_ROW,
)
from programs.imports.mapping import LARGEST_FILE
from programs.models import ImportFile
from programs.questions import QuestionSpec

_ACCEPT = {"accept": ".csv,.xlsx,.txt"}

_PEOPLE = (
    (EMAIL, gettext_lazy("E-mail address")),
    (NAME, gettext_lazy("Name")),
    (FIRST_NAME, gettext_lazy("First name")),
    (LAST_NAME, gettext_lazy("Family name")),
    (REFERENCE_OF_ROW, gettext_lazy("The row's own id")),
    (CODE_OF_ROW, gettext_lazy("Code of the application")),
)


class ImportForm(forms.Form):
    """The files, at least one of them, and a mapping for those who have one."""

    mentors = UploadField(
        label=gettext_lazy("Mentors"),
        required=False,
        help_text=gettext_lazy("CSV or XLSX, one person in a row."),
        widget=forms.FileInput(attrs=_ACCEPT),
    )
    mentees = UploadField(
        label=gettext_lazy("Mentees"), required=False, widget=forms.FileInput(attrs=_ACCEPT)
    )
    both = UploadField(
        label=gettext_lazy("Both in one file"),
        required=False,
        help_text=gettext_lazy(
            "A column says which row is a mentor and which a mentee, as in our exports."
        ),
        widget=forms.FileInput(attrs=_ACCEPT),
    )
    mapping = UploadField(
        label=gettext_lazy("Mapping"),
        required=False,
        help_text=gettext_lazy(
            "A TOML file that says what the columns mean. Without one you choose on the next page."
        ),
        widget=forms.FileInput(attrs={"accept": ".toml"}),
    )

    _SIDES = {
        "mentors": ImportFile.Side.MENTORS,
        "mentees": ImportFile.Side.MENTEES,
        "both": ImportFile.Side.BOTH,
    }

    def clean_mapping(self) -> str:
        upload = self.cleaned_data["mapping"]
        if not upload:
            return ""
        if upload.size > LARGEST_FILE:
            raise ValidationError(
                _("A mapping of more than %(most)d bytes is not read.") % {"most": LARGEST_FILE}
            )
        try:
            return str(upload.read().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ValidationError(_("This file is not written in UTF-8.")) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.files_by_side:
            raise ValidationError(_("Choose at least one file."))
        return cleaned

    @property
    def files_by_side(self) -> dict[ImportFile.Side, Any]:
        """The files that were chosen."""
        return {
            side: self.cleaned_data[name]
            for name, side in self._SIDES.items()
            if self.cleaned_data.get(name)
        }


class ColumnsForm(forms.Form):
    """What each column of one file feeds; a field for a column, named by its place."""

    def __init__(self, file: ImportFile, data: Any = None) -> None:
        self.file = file
        self.names = sheets(file)
        self.sheet = self._sheet_in(data)
        is_other_sheet = self.sheet != file.sheet
        columns = guesses(file, sheet=self.sheet) if is_other_sheet else file.columns
        # A sheet that was chosen on this page has other columns than those that were sent.
        self.asks_again = is_other_sheet
        super().__init__(None if is_other_sheet else data, prefix=file.side)
        if len(self.names) > 1:
            self.fields["sheet"] = forms.ChoiceField(
                label=_("Sheet"),
                choices=[(name, name) for name in self.names],
                initial=self.sheet or self.names[0],
            )
        choices = self._choices()
        self.columns = list(columns)
        for place, column in enumerate(self.columns):
            self.fields[f"c{place}"] = forms.ChoiceField(
                label=column, choices=choices, required=False, initial=columns[column]
            )

    def _sheet_in(self, data: Any) -> str:
        """The sheet that was chosen, if the file has it."""
        name = data.get(f"{self.file.side}-sheet", "") if data is not None else self.file.sheet
        is_first = self.names[:1] == [name]
        return name if name in self.names and not (is_first and not self.file.sheet) else ""

    def _choices(self) -> list[Any]:
        people = list(_PEOPLE)
        if self.file.side == ImportFile.Side.BOTH:
            people.insert(0, (ROLE_OF_ROW, gettext_lazy("Mentor or mentee")))
        on_form = asked_in(self.file)
        questions = [
            (QUESTION + key, str(spec.label) if key in on_form else _not_asked(spec))
            for key, spec in questions_of(self.file).items()
        ]
        return [
            (LEFT_OUT, _("Leave out")),
            (_("The person"), people),
            (_("Questions"), questions),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        fed: dict[str, str] = {}
        for column, target in self.chosen.items():
            if target and target in fed:
                place = self.columns.index(column)
                told = _("The column “%(other)s” feeds this already.") % {"other": fed[target]}
                self.add_error(f"c{place}", told)
            fed[target] = column
            if target in (EMAIL, NAME, FIRST_NAME, LAST_NAME, REFERENCE_OF_ROW) and set("{}") & set(
                column
            ):
                raise ValidationError(
                    _("Take the braces out of the name of the column “%(column)s”.")
                    % {"column": column}
                )
        if EMAIL not in fed and CODE_OF_ROW not in fed:
            raise ValidationError(_("Say which column holds the e-mail address."))
        if not {NAME, FIRST_NAME, LAST_NAME, CODE_OF_ROW} & fed.keys():
            raise ValidationError(_("Say which column holds the name."))
        if self.file.side == ImportFile.Side.BOTH and ROLE_OF_ROW not in fed:
            raise ValidationError(_("Say which column holds mentor or mentee."))
        return cleaned

    @property
    def chosen(self) -> dict[str, str]:
        """What each column feeds, by its name."""
        return {
            column: self.cleaned_data.get(f"c{place}", LEFT_OUT)
            for place, column in enumerate(self.columns)
        }


def _not_asked(spec: QuestionSpec) -> str:
    return _("%(question)s (not on your form yet)") % {"question": spec.label}
