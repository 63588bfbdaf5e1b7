"""What a criterion does, in a plain sentence made of its kind, its facts and its parameters."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from matching.engine import Criterion

_FACTS: Final[Mapping[str, str | Promise]] = {
    "skills_offered": gettext_lazy("skills to teach"),
    "skills_wanted": gettext_lazy("skills to learn"),
    "skills_have": gettext_lazy("skills they have"),
    "interests": gettext_lazy("interests"),
    "styles": gettext_lazy("ways of learning or teaching"),
    "channels": gettext_lazy("ways to keep in touch"),
    "languages": gettext_lazy("languages"),
    "industry": gettext_lazy("industry"),
    "organisation": gettext_lazy("organisation"),
    "organisation_size": gettext_lazy("size of the organisation"),
    "work_mode": gettext_lazy("remote, hybrid or in person"),
    "job_title": gettext_lazy("kind of work"),
    "profession": gettext_lazy("profession"),
    "grade": gettext_lazy("grade"),
    "years_experience": gettext_lazy("years of experience"),
    "people_manager": gettext_lazy("leading people or not"),
    "career_goal": gettext_lazy("goal of the next years"),
    "country": gettext_lazy("country"),
    "hours": gettext_lazy("free hours of the week"),
    "reporting_line": gettext_lazy("reporting line"),
    "utc_offset": gettext_lazy("time of day"),
    "priority": gettext_lazy("earlier rounds without a match"),
    "caregiver": gettext_lazy("caring for others"),
    "identities": gettext_lazy("identities"),
    "identity_wished": gettext_lazy("identity wished for"),
    "identity_matters": gettext_lazy("asking for an identity"),
}


def fact_in_words(name: str) -> str:
    """A fact as a sentence names it; one of a program's own by its name."""
    return str(_FACTS.get(name) or name.replace("_", " "))


def does(criterion: Criterion) -> str:
    """What a criterion does for a pair, what it rules out, and for whom."""
    told = [_GIVES[criterion.kind.name](criterion)] if criterion.points else []
    if criterion.must:
        told.append(_rules_out(criterion))
    if criterion.must_answer:
        told.append(_("Who did not answer is ruled out, too."))
    if criterion.when:
        told.append(
            _("Only for mentees who said yes to “%(fact)s”.")
            % {"fact": fact_in_words(criterion.when)}
        )
    return " ".join(told) or _("Gives no points and rules nobody out.")


def table_of(criterion: Criterion) -> list[tuple[str, int]]:
    """The lines of a ladder or table with their points; empty for any other kind."""
    parameters: dict[str, Any] = criterion.kind.parameters()
    lines = [(_gap(gap), given) for gap, given in parameters.get("gaps", {}).items()]
    return lines + [
        (_("mentee: %(one)s, mentor: %(other)s") % {"one": one, "other": other}, given)
        for one, other, given in parameters.get("pairs", ())
    ]


def steps_of(criterion: Criterion) -> str:
    """The steps of a ladder from junior to senior, if it has any."""
    steps: Any = criterion.kind.parameters().get("steps", ())
    return " < ".join(steps)


def _rules_out(criterion: Criterion) -> str:
    return str(_RULES_OUT[criterion.kind.name]) % _words(criterion)


def _words(criterion: Criterion) -> dict[str, Any]:
    parameters: dict[str, Any] = criterion.kind.parameters()
    hours = {
        name.removesuffix("_hours"): _hours(number)
        for name, number in parameters.items()
        if name.endswith("_hours")
    }
    return {
        **parameters,
        **hours,
        "points": _points(criterion.points),
        "mentee": fact_in_words(criterion.mentee),
        "mentor": fact_in_words(criterion.mentor),
    }


def _points(number: int) -> str:
    return ngettext("%(number)d point", "%(number)d points", number) % {"number": number}


def _hours(number: Any) -> str:
    return ngettext("%(number)d hour", "%(number)d hours", number) % {"number": number}


def _overlap(criterion: Criterion) -> str:
    words = _words(criterion)
    if criterion.mentee == criterion.mentor:
        first = _("Gives up to %(points)s for %(mentee)s of both.")
    else:
        first = _(
            "Gives up to %(points)s when the mentor's answer (%(mentor)s) holds what the mentee "
            "named (%(mentee)s)."
        )
    if "enough" not in words:
        return first % words + " " + _("Everything the mentee named gives them all.")
    second = ngettext(
        "%(enough)d in common gives them all.",
        "%(enough)d in common give them all.",
        words["enough"],
    )
    return first % words + " " + second % words


def _same(criterion: Criterion) -> str:
    if criterion.mentee == criterion.mentor:
        words = _("Gives %(points)s when the two agree in this: %(mentee)s.")
    else:
        words = _("Gives %(points)s when these two answers agree: %(mentee)s and %(mentor)s.")
    return words % _words(criterion)


def _different(criterion: Criterion) -> str:
    return _("Gives %(points)s when the two have nothing in common: %(mentee)s.") % _words(
        criterion
    )


def _wish(criterion: Criterion) -> str:
    return _("Gives %(points)s when the mentor is as the mentee wished: %(mentor)s.") % _words(
        criterion
    )


def _ladder(criterion: Criterion) -> str:
    return _(
        "Gives up to %(points)s by how far the mentor stands above the mentee: %(mentee)s."
    ) % _words(criterion)


def _table(criterion: Criterion) -> str:
    return _("Gives up to %(points)s by a table of answers: %(mentee)s and %(mentor)s.") % _words(
        criterion
    )


def _zone(criterion: Criterion) -> str:
    words = _words(criterion)
    return (
        _(
            "Gives %(points)s to clocks up to %(full)s apart, none from %(none)s on, and evenly "
            "less in between."
        )
        % words
    )


def _hours_free(criterion: Criterion) -> str:
    words = _words(criterion)
    return (
        _("Gives up to %(points)s for hours of the week both are free; %(full)s give them all.")
        % words
    )


def _ranks(criterion: Criterion) -> str:
    words = _words(criterion)
    if words["side"] == "mentee":
        told = _("Gives %(points)s to the mentee's first choice, and less to each that follows.")
    else:
        told = _("Gives %(points)s to the mentor's first choice, and less to each that follows.")
    return told % words


def _priority(criterion: Criterion) -> str:
    words = _words(criterion)
    told = ngettext(
        "Gives %(points)s to mentees who went without a match before, whoever the mentor is.",
        "Gives up to %(points)s to mentees who went without a match before, whoever the mentor "
        "is; %(full)d times give them all.",
        words["full"],
    )
    return told % words


def _gap(gap: str) -> str:
    """How far a mentor stands above: "3..8" as words."""
    low, dots, high = gap.partition("..")
    if not dots:
        return _("%(low)s above") % {"low": low}
    if not high:
        return _("%(low)s or more above") % {"low": low}
    if not low:
        return _("%(high)s or less above") % {"high": high}
    return _("%(low)s to %(high)s above") % {"low": low, "high": high}


_GIVES: Final[Mapping[str, Callable[[Criterion], str]]] = {
    "overlap": _overlap,
    "same": _same,
    "different": _different,
    "wish": _wish,
    "ladder": _ladder,
    "table": _table,
    "zone": _zone,
    "hours": _hours_free,
    "ranks": _ranks,
    "priority": _priority,
}

_RULES_OUT: Final[Mapping[str, str | Promise]] = {
    "overlap": gettext_lazy("Nothing in common (%(mentee)s) rules the pair out."),
    "same": gettext_lazy("Nothing in common (%(mentee)s) rules the pair out."),
    "different": gettext_lazy("Anything in common (%(mentee)s) rules the pair out."),
    "wish": gettext_lazy("A mentor who is not as wished (%(mentor)s) is ruled out."),
    "ladder": gettext_lazy("A distance that the list does not name rules the pair out."),
    "table": gettext_lazy("Two answers that the table does not name rule the pair out."),
    "zone": gettext_lazy("Clocks more than %(none)s apart rule the pair out."),
    "hours": gettext_lazy("Fewer than %(least)s in common rules the pair out."),
    "ranks": gettext_lazy("Only pairs that were chosen are allowed."),
    "priority": gettext_lazy("Only mentees who went without a match before are placed."),
}
