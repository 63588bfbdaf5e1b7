"""What this stage holds of people: why, who reads it, for how long, and what an erasure does."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from matching import runs
from matching.decided import sentence_of
from matching.models import (
    Avoid,
    DecisionLog,
    DecisionReason,
    Exclusion,
    Inquiry,
    Introduction,
    LoggedDecision,
    Match,
    MatchingRun,
    MeetAndGreet,
    Meeting,
    MeetingSlot,
    Place,
    PlaceAsk,
    Preference,
    RunComment,
    RunInput,
    Seat,
    Suggestion,
    Unmatched,
)
from mentorship.shared.privacy.registry import (
    COORDINATORS,
    MATCH,
    NOBODY,
    STAMPS,
    Erase,
    Held,
    Rows,
    Term,
    Told,
    blanked,
    days,
    deleted,
    impersonal,
    left,
    register,
)
from programs.models import Role
from programs.terms import AFTER_COHORT, cohort_ended

_PAIRS_STAY = _("That two people were matched stays, without your name and without reasons.")
_FIT = _("Tell why two people fit.")


def _own_side(role: str, reasons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Reasons without what they tell of the other side."""
    other = Role.MENTEE if role == Role.MENTOR else Role.MENTOR
    return [
        {key: value for key, value in reason.items() if key != other.value} for reason in reasons
    ]


def _of_match(match: Any, person: Any) -> list[dict[str, Any]]:
    place = match.places.filter(participant__user=person).first()
    return _own_side(place.role, match.reasons)


def _of_suggestion(suggestion: Any, person: Any) -> list[dict[str, Any]]:
    is_mentor = suggestion.mentor.user_id == person.pk
    return _own_side(Role.MENTOR if is_mentor else Role.MENTEE, suggestion.reasons)


def _suggested(role: str) -> Held:
    return Held(
        model=Suggestion,
        title=_("Matches that a matching run proposed"),
        person=f"{role}__user",
        kept=Term(AFTER_COHORT, cohort_ended("run__", stamp="run__updated_at")),
        erase=blanked(_PAIRS_STAY, reasons=[]),
        labels={
            "run": _("run"),
        },
        fields={
            "run": Told(_FIT, COORDINATORS),
            "score": Told(_FIT, COORDINATORS),
            "reasons": Told(_FIT, COORDINATORS, _of_suggestion),
        },
        others=("id", "mentor", "mentee"),
    )


def _own_no(introduction: Any, person: Any) -> str:
    """The reason of a no, for whoever said it."""
    mine = introduction.side_of(person)
    return introduction.decline_reason if mine in introduction.said_no else ""


def _of_introduction(introduction: Any, person: Any) -> list[dict[str, Any]]:
    return _own_side(introduction.side_of(person).role, introduction.reasons)


def _introduced(role: str) -> Held:
    """Of one side; what the other said, and what it came to through whom, is not theirs."""
    other = Role(role).other.value
    meet = _("Let two people decide whether they work together.")
    own_words = {"message": Told(meet, MATCH)} if role == Role.MENTEE else {}
    return Held(
        model=Introduction,
        title=_("Introductions"),
        person=f"{role}__user",
        kept=Term(AFTER_COHORT, cohort_ended()),
        erase=blanked(_PAIRS_STAY, reasons=[], message="", decline_reason=""),
        labels={
            f"{role}_answer": _("what you said"),
            f"{role}_answered_at": _("when you said it"),
        },
        fields={
            "cohort": Told(meet, MATCH),
            "origin": Told(meet, MATCH),
            "reasons": Told(_FIT, MATCH, _of_introduction),
            "made_at": Told(meet, MATCH),
            "answer_by": Told(meet, MATCH),
            f"{role}_answer": Told(meet, COORDINATORS),
            f"{role}_answered_at": Told(meet, COORDINATORS),
            "decline_reason": Told(_("Find somebody who fits better."), COORDINATORS, _own_no),
            **own_words,
        },
        machinery=("code", *STAMPS),
        others=tuple(
            name
            for name in (
                *("id", "mentee", "mentor", "run", "follows", "next_run", "match", "status"),
                *("score", f"{other}_answer", f"{other}_answered_at", "closed_at"),
                *("withdrawn_by", "reminded_at", "holds_place", "is_exclusive", "message"),
            )
            if name not in own_words
        ),
    )


def _decided(decision: Any, person: Any) -> str:
    """What was decided, without whom it was about."""
    return sentence_of(decision.kind, decision.facts, {})


def _forget_inputs(rows: Rows) -> int:
    inputs = rows.select_related("run__cohort__program")
    return sum(runs.forget_input(one.run) for one in inputs)


register(
    Held(
        model=MatchingRun,
        title=_("Matching runs you started"),
        person="asked_by",
        kept=Term(_("As long as the program is kept.")),
        erase=left(_("That a matching was run stays, without your name.")),
        fields={"status": Told(_("Tell you when it is done."), COORDINATORS)},
        machinery=("code", "finished_at", "published_at", *STAMPS),
        others=tuple(
            column.name
            for column in MatchingRun._meta.concrete_fields
            if column.name
            not in ("code", "status", "finished_at", "published_at", "asked_by", *STAMPS)
        ),
    ),
    Held(
        model=RunComment,
        title=_("What you said of drafts of a matching"),
        person="by",
        kept=Term(AFTER_COHORT, cohort_ended("run__")),
        erase=deleted(),
        labels={"run": _("run")},
        fields={
            "run": Told(_("Publish better matches."), COORDINATORS),
            "text": Told(_("Publish better matches."), COORDINATORS),
        },
        machinery=STAMPS,
        others=("id",),
    ),
    Held(
        model=RunInput,
        title=_("What a matching run was asked"),
        person="run__cohort__participants__user",
        kept=Term(
            days(_("{days} days after the run."), settings.MATCHING_INPUT_DAYS),
        ),
        erase=Erase(_forget_inputs),
        others=("id", "packed", "state", "keep_until"),
        hidden=_(
            "One packed text over everybody in the cohort, by codes, so that the result can be "
            "checked. What it holds of you stands under “Taking part”."
        ),
    ),
    Held(
        model=Inquiry,
        title=_("What was asked about a matching run"),
        person="run__cohort__participants__user",
        kept=Term(
            days(_("{days} days after the run."), settings.MATCHING_INPUT_DAYS),
        ),
        # An answer may name anybody in the cohort, by code.
        erase=Erase(
            lambda rows: deleted().act(rows.exclude(kind=Inquiry.Kind.AUDIT)),
            _("Figures of groups stay; they name nobody."),
        ),
        machinery=("code", "answered_at", *STAMPS),
        others=(
            *("id", "run", "kind", "mentee", "mentor", "key", "status", "answer", "failure"),
            *("attempts", "lease_until", "share"),
        ),
        hidden=_(
            "Why two people were or were not put together, as the engine answered coordinators. "
            "The answers tell of others too."
        ),
    ),
    _suggested("mentor"),
    _suggested("mentee"),
    Held(
        model=Unmatched,
        title=_("Matching runs that found nobody for you"),
        person="mentee__user",
        kept=Term(_("As long as the program is kept.")),
        erase=left(_("That a run found nobody for somebody stays, without your name.")),
        labels={
            "run": _("run"),
        },
        fields={"run": Told(_("Find what would help."), COORDINATORS)},
        others=("id",),
    ),
    Held(
        model=Match,
        title=_("Matches"),
        person="places__participant__user",
        kept=Term(AFTER_COHORT, cohort_ended()),
        erase=blanked(_PAIRS_STAY, reasons=[], end_reason=""),
        fields={
            "cohort": Told(_("Let two people work together."), MATCH),
            "status": Told(_("Let two people work together."), MATCH),
            "score": Told(_FIT, COORDINATORS),
            "reasons": Told(_FIT, MATCH, _of_match),
            "introduced_at": Told(_("Know when it began."), MATCH),
            "last_on": Told(_("Know how long it goes on."), MATCH),
            "ended_at": Told(_("Know when it ended."), MATCH),
        },
        machinery=("code", *STAMPS),
        # nobody hears through whom and why it ended but coordinators
        others=("id", "run", "is_announced", "ended_by", "ended_side", "end_kind", "end_reason"),
    ),
    _introduced(Role.MENTOR.value),
    _introduced(Role.MENTEE.value),
    Held(
        model=Place,
        title=_("Places in matches"),
        person="participant__user",
        kept=Term(_("As long as the program is kept.")),
        erase=blanked(_PAIRS_STAY, left_reason=""),
        fields={
            "role": Told(_("Let two people work together."), MATCH),
            "part": Told(_("Know who stands in for whom."), MATCH),
            "from_at": Told(_("Know who worked with whom when."), MATCH),
            "until_on": Told(_("Know who stands in for whom."), MATCH),
            "until_at": Told(_("Know who worked with whom when."), MATCH),
            "left_reason": Told(_("Help the next match to go better."), COORDINATORS),
        },
        others=("id", "match", "seat", "is_exclusive", "is_handed_over"),
    ),
    Held(
        model=Seat,
        title=_("Seats you offer"),
        person="participant__user",
        kept=Term(_("As long as the program is kept.")),
        erase=left(_("A seat without your name, because matches stand on it.")),
        fields={"number": Told(_("Give you no more mentees than you can take."), NOBODY)},
        others=("id",),
    ),
    Held(
        model=PlaceAsk,
        title=_("Whether you would take one mentee more"),
        person="mentor__user",
        kept=Term(AFTER_COHORT, cohort_ended("mentor__")),
        erase=deleted(),
        fields={
            "answer": Told(_("Give you no more mentees than you can take."), COORDINATORS),
            "answered_at": Told(_("Know when you answered."), COORDINATORS),
        },
        machinery=("code", *STAMPS),
        others=("id", "asked_by"),
    ),
    Held(
        model=PlaceAsk,
        title=_("Mentors you asked for one more place"),
        person="asked_by",
        kept=Term(AFTER_COHORT, cohort_ended("mentor__")),
        erase=left(_("That a mentor was asked stays, without your name.")),
        machinery=("code", *STAMPS),
        others=("id", "mentor", "answer", "answered_at"),
        hidden=_("What they answered is theirs."),
    ),
    Held(
        model=Preference,
        title=_("Whom you would like to work with"),
        person="participant__user",
        kept=Term(AFTER_COHORT, cohort_ended("participant__")),
        erase=deleted(),
        labels={
            "other": _("whom"),
        },
        fields={
            "other": Told(_("Find your match."), COORDINATORS),
            "rank": Told(_("Find your match."), COORDINATORS),
        },
        machinery=STAMPS,
        others=("id",),
    ),
    Held(
        model=Avoid,
        title=_("Whom you would rather not work with"),
        person="participant__user",
        kept=Term(AFTER_COHORT, cohort_ended("participant__")),
        erase=deleted(),
        labels={
            "other": _("whom"),
        },
        fields={"other": Told(_("Keep you apart."), NOBODY)},
        machinery=STAMPS,
        others=("id",),
    ),
    *(
        Held(
            model=Exclusion,
            title=_("Whom you are not matched with"),
            person=f"{role}__user",
            kept=Term(AFTER_COHORT, cohort_ended(f"{role}__")),
            erase=deleted(),
            machinery=STAMPS,
            others=("id", "mentor", "mentee", "reason", "by"),
            hidden=_(
                "A coordinator decided that you and another person are not put together. Ask them "
                "for the reason: it may tell of the other person."
            ),
        )
        for role in ("mentor", "mentee")
    ),
)

register(
    Held(
        model=MeetAndGreet,
        title=_("Meet-and-greets you prepared"),
        person="made_by",
        kept=Term(_("As long as the program is kept.")),
        erase=left(_("That people were brought to meet stays, without your name.")),
        fields={"status": Told(_("Tell you how far it is."), COORDINATORS)},
        machinery=("code", "planned_at", "published_at", *STAMPS),
        others=tuple(
            column.name
            for column in MeetAndGreet._meta.concrete_fields
            if column.name
            not in ("code", "status", "planned_at", "published_at", "made_by", *STAMPS)
        ),
    ),
    *(
        Held(
            model=Meeting,
            title=_("Meetings at a meet-and-greet"),
            person=f"{role}__user",
            kept=Term(AFTER_COHORT, cohort_ended(f"{role}__")),
            erase=blanked(_("That somebody met somebody stays, without your name."), score=0),
            labels={"slot": _("when"), other: _("whom")},
            fields={
                "slot": Told(_("Let people meet before they are matched."), COORDINATORS),
                other: Told(_("Let people meet before they are matched."), COORDINATORS),
                "called_off_at": Told(_("Know that it does not take place."), COORDINATORS),
            },
            machinery=("code", *STAMPS),
            # the points are for nobody but the plan
            others=("id", "round", "score"),
        )
        for role, other in (("mentee", "mentor"), ("mentor", "mentee"))
    ),
)

impersonal(
    _("Times at which people may meet."),
    MeetingSlot,
)

impersonal(
    _("Where a log of decisions ends: a number and a digest."),
    DecisionLog,
)

register(
    Held(
        model=LoggedDecision,
        title=_("Decisions about matches that you made"),
        person="by_code",
        key="code",
        kept=Term(_("As long as the program is kept.")),
        erase=left(
            _("That a decision was made stays, without a name: it must be possible to check it.")
        ),
        fields={
            "at": Told(_("Know who decided what, and when."), COORDINATORS),
            "kind": Told(_("Know who decided what, and when."), COORDINATORS, _decided),
        },
        machinery=("number", "digest"),
        others=("id", "cohort", "facts", "text_digest", "previous"),
    ),
    Held(
        model=DecisionReason,
        title=_("Reasons you gave for decisions"),
        person="by",
        kept=Term(AFTER_COHORT, cohort_ended("decision__", stamp="decision__at")),
        erase=left(_("A reason stays, without your name, until its term is over.")),
        others=("id", "decision", "salt", "text", "about"),
        hidden=_(
            "They are the program's record and tell of others; the log of decisions has them."
        ),
    ),
    Held(
        model=DecisionReason,
        title=_("Reasons of decisions about you"),
        person="about",
        kept=Term(AFTER_COHORT, cohort_ended("decision__", stamp="decision__at")),
        erase=deleted(),
        others=("id", "decision", "salt", "text", "by"),
        hidden=_(
            "A coordinator noted why they decided something about you and another person. Ask them "
            "for it: it may tell of the other person."
        ),
    ),
)
