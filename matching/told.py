"""Answers to questions about a run, in sentences for coordinators, with people's names."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matching.engine import Apart, Remedy, Unplaced
from matching.models import Exclusion, MatchingRun
from mentorship.shared.base.codes import CodeConverter
from programs.models import Participant

Names = Mapping[str, str]

# Where the answers hold a participant's code.
_CODES = frozenset({"mentee", "mentor", "partner", "before", "after"})
# As the engine quotes a person.
_QUOTED = re.compile(f"'({CodeConverter.regex})'")
# So many moves are told; more are counted.
_TOLD = 10


def names_in(run: MatchingRun, *answers: Any) -> Names:
    """The names of everybody in these answers, by code; one query."""
    codes = {code for answer in answers for code in _codes(answer)}
    people = Participant.objects.filter(cohort=run.cohort_id, code__in=codes)
    return dict(people.order_by().values_list("code", "user__name"))


def _codes(answer: Any) -> Iterator[str]:
    if isinstance(answer, Mapping):
        for name, value in answer.items():
            if name in _CODES and isinstance(value, str):
                yield value
            else:
                yield from _codes(value)
    elif isinstance(answer, list | tuple):
        for one in answer:
            yield from _codes(one)


def failure(run: MatchingRun, text: str) -> str:
    """What went wrong, with names where the engine has codes."""
    codes = set(_QUOTED.findall(text))
    if not codes:
        return text
    people = Participant.objects.filter(cohort=run.cohort_id, code__in=codes)
    names = dict(people.order_by().values_list("code", "user__name"))
    return _QUOTED.sub(lambda found: names.get(found[1], found[0]), text)


def labels(policy: Mapping[str, Any]) -> dict[str, str]:
    """The policy's criteria as people read them, by name."""
    criteria = policy.get("criterion", ())
    return {one["name"]: one.get("label") or one["name"] for one in criteria}


def points(count: int) -> str:
    return ngettext("%(count)d point", "%(count)d points", count) % {"count": count}


# --- Why two are not together, and what it would cost ---------------------------------------------


def why_not(answer: Mapping[str, Any], policy: Mapping[str, Any], names: Names) -> list[str]:
    """Why two are not together and what it would cost if they were."""
    words = {
        "mentee": names.get(answer["mentee"], ""),
        "mentor": names.get(answer["mentor"], ""),
        "partner": names.get(answer["partner"], ""),
        "points": points(answer["score"] or 0),
    }
    sentences = {
        Apart.TOGETHER: _("%(mentee)s and %(mentor)s are together."),
        Apart.SETTLED: _("%(mentee)s is settled with %(partner)s."),
        Apart.NO_SEAT: _("Every place of %(mentor)s is settled already."),
        Apart.BARRED: _("%(mentee)s with %(mentor)s is not possible (a private wish)."),
        Apart.POSSIBLE: _("%(mentee)s and %(mentor)s would have %(points)s."),
    }
    told = [sentences[answer["kind"]] % words] if answer["kind"] in sentences else []
    labelled = labels(policy)
    told += [_veto(one, labelled) for one in answer["vetoes"]]
    return told + (costs(answer["cost"], names) if answer["cost"] else [])


def _veto(veto: Mapping[str, Any], labelled: Names) -> str:
    words = {"label": labelled.get(veto["criterion"], veto["criterion"])}
    if veto["private"]:
        return _("The must “%(label)s” rules them out, by private answers.") % words
    words |= {side: veto[side] or _("no answer") for side in ("mentee", "mentor")}
    return (
        _("The must “%(label)s” rules them out: the mentee said %(mentee)s, the mentor %(mentor)s.")
        % words
    )


def costs(cost: Mapping[str, Any], names: Names) -> list[str]:
    """What another matching would cost in places and points, and who would move."""
    told = [*_difference(cost)]
    if cost["gap"]:
        told.append(_("Time ran out before this was proven; it may cost less."))
    moves = cost["moves"]
    told += [_move(one, names) for one in moves[:_TOLD]]
    if len(moves) > _TOLD:
        more = len(moves) - _TOLD
        words = ngettext("%(count)d more would move.", "%(count)d more would move.", more)
        told.append(words % {"count": more})
    if not moves:
        told.append(_("Nobody else would move."))
    return told


def _difference(cost: Mapping[str, Any]) -> Iterator[str]:
    places, score = cost["places"], cost["points"]
    if places:
        words = (
            ngettext(
                "%(count)d mentee fewer would have a match.",
                "%(count)d mentees fewer would have a match.",
                abs(places),
            )
            if places > 0
            else ngettext(
                "%(count)d mentee more would have a match.",
                "%(count)d mentees more would have a match.",
                abs(places),
            )
        )
        yield words % {"count": abs(places)}
    if score > 0:
        yield _("All matches together would have %(points)s fewer.") % {"points": points(score)}
    elif score < 0:
        yield _("All matches together would have %(points)s more.") % {"points": points(-score)}
    if not places and not score:
        yield _("It would cost nothing: as many matches with as many points.")


def _move(move: Mapping[str, Any], names: Names) -> str:
    words = {
        "mentee": names.get(move["mentee"], ""),
        "before": names.get(move["before"], ""),
        "after": names.get(move["after"], ""),
        "points_before": points(move["points_before"]),
        "points_after": points(move["points_after"]),
    }
    if not move["after"]:
        return _("%(mentee)s would lose %(before)s (%(points_before)s).") % words
    if not move["before"]:
        return _("%(mentee)s, without a match so far, would have %(after)s (%(points_after)s).") % (
            words
        )
    return (
        _(
            "%(mentee)s would go from %(before)s (%(points_before)s) to %(after)s "
            "(%(points_after)s)."
        )
        % words
    )


def if_forbidden(answer: Mapping[str, Any], names: Names) -> list[str]:
    """What would be if two who are together must not be."""
    words = {
        "mentee": names.get(answer["mentee"], ""),
        "mentor": names.get(answer["mentor"], ""),
        "partner": names.get(answer["partner"], ""),
        "points": points(answer["points"]),
    }
    if answer["kind"] == "settled":
        return [_("%(mentee)s is settled with %(mentor)s. Take that back first.") % words]
    if not answer["cost"]:
        return [_("The two are not together, so nothing in this draft would change.")]
    if answer["partner"]:
        first = _("%(mentee)s would be with %(partner)s instead (%(points)s).") % words
    else:
        first = _("%(mentee)s would have no match.") % words
    return [first, *costs(answer["cost"], names)]


# --- Why somebody has no match, and what would help -----------------------------------------------


def why_unmatched(answer: Mapping[str, Any], policy: Mapping[str, Any]) -> list[str]:
    """Why a mentee has no match."""
    words = {"mentors": answer["mentors"], "fitting": answer["fitting"]}
    sentences = {
        Unplaced.NO_MENTORS: _("There were no mentors."),
        Unplaced.NONE_FITS: _("By the musts, none of %(mentors)d mentors fits."),
        Unplaced.NO_SEATS: _("Of %(mentors)d mentors %(fitting)d fit, and none has a place free."),
        Unplaced.SEATS_WENT: _(
            "Of %(mentors)d mentors %(fitting)d fit by the musts, but their places do more for "
            "others, or the two must not be together."
        ),
    }
    labelled = labels(policy)
    return [
        sentences[answer["kind"]] % words,
        *(
            ngettext(
                "The must “%(label)s” rules out %(count)d of them.",
                "The must “%(label)s” rules out %(count)d of them.",
                one["mentors"],
            )
            % {"label": labelled.get(one["criterion"], ""), "count": one["mentors"]}
            for one in answer["musts"]
        ),
    ]


def remedies(
    answer: Mapping[str, Any], policy: Mapping[str, Any], names: Names, liftable: Iterable[str]
) -> list[dict[str, Any]]:
    """What would place a mentee: what the button says and what would follow from it.

    `liftable` are the mentors from whom a coordinator keeps the mentee; no other pair that must
    not be is offered.
    """
    labelled, can_lift = labels(policy), {*liftable}
    told = []
    for one in answer["changes"]:
        if one["kind"] == Remedy.EXCLUSION and one["mentor"] not in can_lift:
            continue
        words = {
            "mentor": names.get(one["mentor"], ""),
            "partner": names.get(one["partner"], ""),
            "points": points(one["points"]),
            "label": labelled.get(one["criterion"], one["criterion"]),
            "hours": one["hours"],
        }
        follows = _("Then %(partner)s (%(points)s), and nobody loses their place.") % words
        button = _BUTTONS[one["kind"]](one["hours"]) % words
        told.append(one | {"button": button, "follows": follows})
    return told


_BUTTONS = {
    Remedy.SEAT: lambda hours: _("Ask %(mentor)s for one more place"),
    Remedy.HELD_SEAT: lambda hours: _("Ask %(mentor)s for one more place, for this mentee"),
    Remedy.LEAST_HOURS: lambda hours: ngettext(
        "Lower “%(label)s” to %(hours)d hour", "Lower “%(label)s” to %(hours)d hours", hours
    ),
    Remedy.NO_MUST: lambda hours: _("Make “%(label)s” a must no longer"),
    Remedy.EXCLUSION: lambda hours: _("Allow %(mentor)s again"),
}


def liftable(run: MatchingRun, mentees: Iterable[int]) -> dict[str, list[str]]:
    """From whom coordinators keep these mentees: the mentors' codes by the mentee's."""
    rows = Exclusion.objects.in_cohort(run.cohort).filter(mentee__in=list(mentees))
    found: dict[str, list[str]] = {}
    for mentee, mentor in rows.values_list("mentee__code", "mentor__code"):
        found.setdefault(mentee, []).append(mentor)
    return found


# --- Whom to recruit ------------------------------------------------------------------------------


def recruit(answer: Mapping[str, Any], policy: Mapping[str, Any], names: Names) -> list[str]:
    """Whom to look for, as far as the engine proved it; nothing where nobody would help."""
    labelled = labels(policy)
    told = []
    for one in answer["wanted"]:
        if one["unmatched"]:
            told.append(_wanted(one, labelled) + _with_it(one, answer["more"]))
    told_of = {one["best"]["mentor"] for one in answer["wanted"] if one["best"]}
    for one in answer["like"]:
        placed = answer["more"].get(one["mentor"])
        if placed and one["mentor"] not in told_of:
            told.append(_like(placed) % {"mentor": names.get(one["mentor"], ""), **_more(placed)})
    return told


def _wanted(wanted: Mapping[str, Any], labelled: Names) -> str:
    words = ngettext(
        "%(count)d mentee without a match wants “%(value)s” (%(label)s), and no free place offers "
        "it.",
        "%(count)d mentees without a match want “%(value)s” (%(label)s), and no free place offers "
        "it.",
        wanted["unmatched"],
    )
    label = labelled.get(wanted["criterion"], wanted["criterion"])
    return words % {"count": wanted["unmatched"], "value": wanted["value"], "label": label}


def _with_it(wanted: Mapping[str, Any], more: Mapping[str, list[int]]) -> str:
    """What mentors who have it would do, where that was solved."""
    placed = more.get(wanted["best"]["mentor"]) if wanted["best"] else None
    if not placed:
        return ""
    words = ngettext(
        "%(mentors)d more mentor with it, like the best who has it now, would place %(placed)d "
        "more.",
        "%(mentors)d more mentors with it, like the best who has it now, would place %(placed)d "
        "more.",
        len(placed),
    )
    return " " + words % _more(placed)


def _like(placed: list[int]) -> str:
    return ngettext(
        "%(mentors)d more mentor with the answers of %(mentor)s would place %(placed)d more.",
        "%(mentors)d more mentors with the answers of %(mentor)s would place %(placed)d more.",
        len(placed),
    )


def _more(placed: list[int]) -> dict[str, int]:
    return {"mentors": len(placed), "placed": placed[-1]}


# --- What a draft changed -------------------------------------------------------------------------


def change_of(run: MatchingRun) -> str:
    """What a draft changed in the one before, in a sentence; nothing for other runs."""
    change = run.change
    if run.kind != MatchingRun.Kind.CHANGED or not change:
        return ""
    names = names_in(run, change)
    words = {
        "mentee": names.get(change.get("mentee", ""), _("somebody")),
        "mentor": names.get(change.get("mentor", ""), _("somebody")),
        "label": labels(run.policy).get(change.get("criterion", ""), ""),
        "hours": change.get("hours", 0),
    }
    sentences = {
        "lock": _("%(mentee)s and %(mentor)s are settled."),
        "pair": _("%(mentee)s and %(mentor)s were put together by hand."),
        "forbid": _("%(mentee)s and %(mentor)s must not be together."),
        Remedy.SEAT: _("%(mentor)s has one place more."),
        Remedy.HELD_SEAT: _("%(mentor)s has one place more, for %(mentee)s."),
        Remedy.LEAST_HOURS: ngettext(
            "“%(label)s” asks for %(hours)d hour only.",
            "“%(label)s” asks for %(hours)d hours only.",
            words["hours"],
        ),
        Remedy.NO_MUST: _("“%(label)s” is a must no longer."),
        Remedy.EXCLUSION: _("%(mentee)s and %(mentor)s may be together again."),
    }
    return sentences.get(change["kind"], "") % words
