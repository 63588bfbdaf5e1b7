"""What coordinators decide about matches, each kind with the sentence that tells it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matching.models import LoggedDecision
from programs.models import Participant, User

# `%(mentee)s` and other names stand for the people whose codes are in the facts.
KINDS: Mapping[str, str | Promise] = {
    "run.published": gettext_lazy("published a matching with %(matches)s pairs"),
    "pair.locked": gettext_lazy("settled %(mentee)s with %(mentor)s"),
    "pair.forbidden": gettext_lazy("ruled out %(mentee)s with %(mentor)s"),
    "pair.allowed": gettext_lazy("allowed %(mentee)s with %(mentor)s again"),
    "pair.made": gettext_lazy("put %(mentee)s with %(mentor)s by hand"),
    "change.undone": gettext_lazy("took a change of a draft back"),
    "introduction.withdrawn": gettext_lazy(
        "took the introduction of %(mentee)s and %(mentor)s back"
    ),
    "match.ended": gettext_lazy("ended the match of %(mentee)s and %(mentor)s"),
    "match.extended": gettext_lazy(
        "extended the match of %(mentee)s and %(mentor)s until %(until)s"
    ),
    "mentor.added": gettext_lazy("added %(mentor)s to the match of %(mentee)s"),
    "mentor.replaced": gettext_lazy("let %(mentor)s take over the match of %(mentee)s"),
    "meet.published": gettext_lazy("published a meet-and-greet with %(meetings)s meetings"),
    "remedy.taken": gettext_lazy("tried what would place %(mentee)s"),
}

# Facts that hold a participant's code.
PEOPLE = ("mentee", "mentor")


def sentence_of(kind: str, facts: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """A decision without its decider; a person who is gone is "somebody". KeyError for no kind."""
    told = {**dict.fromkeys(PEOPLE, ""), "matches": "", "meetings": "", "until": "", **facts}
    for side in PEOPLE:
        told[side] = names.get(str(told[side])) or _("somebody")
    return str(KINDS[kind]) % told


def tell(decisions: Iterable[LoggedDecision]) -> None:
    """Put decisions into words on the rows themselves: who, what, and why if that is kept."""
    rows = list(decisions)
    names = _names(rows)
    for one in rows:
        nobody = _("A former member") if one.by_code else _("By itself:")
        one.who = names.get(one.by_code) or nobody
        one.text = sentence_of(one.kind, one.facts, names)
        one.words = one.reason.text if hasattr(one, "reason") else ""


def _names(rows: Sequence[LoggedDecision]) -> dict[str, str]:
    """The names of everybody whom these decisions are by or about, by code: two queries."""
    codes = {str(row.facts[side]) for row in rows for side in PEOPLE if side in row.facts}
    found = dict(
        Participant.objects.filter(code__in=codes).order_by().values_list("code", "user__name")
    )
    deciders = {row.by_code for row in rows if row.by_code}
    found |= dict(User.objects.filter(code__in=deciders).order_by().values_list("code", "name"))
    return found
