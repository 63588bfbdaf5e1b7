"""In which respects people may say what they call themselves, as data.

The values are kept as written here, whatever language the page was in, so that an audit counts
the same group under one name. Everything may be left open or told in other words.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Dimension:
    """One respect. `groups` are suggestions: what is kept, and what the page says."""

    name: str
    label: str | Promise
    groups: tuple[tuple[str, str | Promise], ...]
    help: str | Promise = ""


DIMENSIONS: tuple[Dimension, ...] = (
    Dimension(
        "gender",
        _("Gender"),
        (
            ("woman", _("Woman")),
            ("man", _("Man")),
            ("non-binary", _("Non-binary")),
        ),
    ),
    Dimension(
        "background",
        _("Ethnicity or background"),
        (
            ("African or Black", _("African or Black")),
            ("Arab or Middle Eastern", _("Arab or Middle Eastern")),
            ("Asian", _("Asian")),
            ("Indigenous", _("Indigenous")),
            ("Latin American", _("Latin American")),
            ("White", _("White")),
            ("several", _("Several of these")),
        ),
        _("Countries ask this in different words. Write your own if none of these fits."),
    ),
    Dimension(
        "disability",
        _("Disability or long-term illness"),
        (("yes", _("Yes")), ("no", _("No"))),
    ),
    Dimension(
        "caregiver",
        _("Caring for a child, a parent or somebody else"),
        (("yes", _("Yes")), ("no", _("No"))),
    ),
    Dimension(
        "age",
        _("Age group"),
        (
            ("under 25", _("Under 25")),
            ("25 to 34", _("25 to 34")),
            ("35 to 44", _("35 to 44")),
            ("45 to 54", _("45 to 54")),
            ("55 and over", _("55 and over")),
        ),
    ),
    Dimension(
        "first generation",
        _("First in your family in this kind of work or study"),
        (("yes", _("Yes")), ("no", _("No"))),
    ),
)
