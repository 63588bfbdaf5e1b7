"""What this stage holds of people: why, who reads it, for how long, and what an erasure does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mentorship.shared.privacy.registry import (
    COORDINATORS,
    NOBODY,
    STAFF,
    STAMPS,
    YOU,
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
from programs import models
from programs.models import (
    Application,
    Assignment,
    Batch,
    Consent,
    Correction,
    Decision,
    ImportFile,
    ImportJob,
    ImportRow,
    Interview,
    Invitation,
    MemberInvitation,
    Membership,
    ObjectiveFigure,
    Participant,
    Profile,
    Refusal,
    Review,
    SavedView,
    SelfIdentification,
    TextVersion,
    User,
)
from programs.terms import AFTER_COHORT, cohort_ended
from programs.visibility import FIELD_OF, Audience

_ACCOUNT = Term(_("As long as you have an account."))

# --- Terms ----------------------------------------------------------------------------------------


def _answers_past(rows: Rows, at: datetime) -> Rows:
    """Answers of ended cohorts, and what was never sent in and lay still for its own term."""
    before = at - timedelta(days=settings.RETENTION_DRAFT_DAYS)
    drafts = rows.filter(status=Application.Status.DRAFT, updated_at__lt=before)
    return drafts | cohort_ended()(rows, at)


# --- The person -----------------------------------------------------------------------------------

register(
    Held(
        model=User,
        title=_("Account"),
        person="pk",
        kept=Term(
            days(
                _("As long as you use it; {days} days after the last log-in it is erased."),
                settings.RETENTION_ACCOUNT_DAYS,
            )
        ),
        erase=left(
            _(
                "An empty row without your name or address, because decisions and figures of "
                "others point at it."
            )
        ),
        fields={
            "email": Told(_("Log you in and write to you."), COORDINATORS),
            "name": Told(_("Address you, and tell your match who you are."), COORDINATORS),
            "time_zone": Told(_("Show times as they are where you live."), COORDINATORS),
            "joined_at": Told(_("Know how old the account is."), NOBODY),
            "last_login": Told(_("Erase accounts nobody uses."), NOBODY),
        },
        machinery=(
            "code",
            "language",
            "is_active",
            "is_superuser",
            "erased_at",
            "session_round",
            *STAMPS,
        ),
        # a hash that opens the account is not handed out
        others=("id", "password"),
    ),
)


def _readers(name: str) -> Callable[[Any], str | Promise]:
    """Whoever the person chose for this part of the profile."""
    words = {
        Audience.COHORT: _("Everybody in your cohorts and the coordinators"),
        Audience.MATCHED: _("Those you are matched with and the coordinators"),
        Audience.COORDINATORS: _("The coordinators"),
    }

    def read_by(profile: Any) -> str | Promise:
        return words[FIELD_OF[name].audience(profile.audiences)]

    return read_by


_PROFILE_PURPOSES = {
    "pronouns": _("Be addressed rightly."),
    "headline": _("Let others get to know you."),
    "story": _("Let others get to know you."),
    "languages": _("Find somebody you can talk with."),
    "skills": _("Find who can teach what."),
    "styles": _("Find somebody who works as you do."),
    "interests": _("Find somebody you get on with."),
    "hours": _("Find times at which two can meet."),
    "capacity": _("Give you no more mentees than you can take."),
    "channel": _("Be reached as you like."),
    "reach": _("Be reached as you like."),
    "linkedin": _("Let others get to know you."),
    "github": _("Let others get to know you."),
    "site": _("Let others get to know you."),
}


def _parts_taken(profile: Any, person: Any) -> dict[str, str]:
    """The parts by their labels, each with the code of the application it came from."""
    labels = {name: str(field.label) for name, field in FIELD_OF.items()}
    return {labels.get(name, name): code for name, code in profile.taken.items()}


register(
    Held(
        model=Profile,
        title=_("Profile"),
        person="user",
        kept=_ACCOUNT,
        erase=deleted(),
        fields={
            **{
                name: Told(purpose, _readers(name))
                for name, purpose in _PROFILE_PURPOSES.items()
                if name in FIELD_OF
            },
            "audiences": Told(_("Show each part only to whom you chose."), YOU),
            "taken": Told(
                _("Tell you what your profile took from an application."), YOU, _parts_taken
            ),
            "paused_at": Told(_("Leave you in peace while you are away."), COORDINATORS),
            "back_on": Told(_("Leave you in peace while you are away."), COORDINATORS),
        },
        machinery=STAMPS,
        others=("id",),
    ),
    Held(
        model=SelfIdentification,
        title=_("How you identify yourself"),
        person="user",
        kept=Term(_("Until you take it back.")),
        erase=deleted(),
        fields={
            "dimension": Told(
                _("Count whether a matching treats groups alike."), _("You; others as counts only")
            ),
            "group": Told(
                _("Count whether a matching treats groups alike."), _("You; others as counts only")
            ),
            "given_at": Told(_("Know when you told it."), NOBODY),
        },
        others=("id",),
    ),
)

# --- Applying and taking part ---------------------------------------------------------------------


def _own_answers(application: Any, person: Any) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = application.questionnaire.told(application.answers)
    return told


_FIND = _("Decide who takes part, and find your match.")

register(
    Held(
        model=Application,
        title=_("Applications"),
        person="applicant",
        kept=Term(AFTER_COHORT, _answers_past),
        erase=blanked(
            _("That somebody applied and what was decided stays, without what you wrote."),
            answers={},
            heard_from="",
            note="",
            decision_words="",
            reference="",
        ),
        fields={
            "cohort": Told(_FIND, STAFF),
            "role": Told(_FIND, STAFF),
            "status": Told(_("Tell you where your application stands."), STAFF),
            "answers": Told(_FIND, STAFF, _own_answers),
            "heard_from": Told(_("Know where people hear of the program."), COORDINATORS),
            "note": Told(_("Remember why it was decided so."), _("The coordinators")),
            "decision_words": Told(_("Tell you of the decision in person."), COORDINATORS),
            "reference": Told(_("Find the row of a list you came with."), COORDINATORS),
            "submitted_at": Told(_("Keep the deadline fair."), STAFF),
            "brought_at": Told(
                _("Keep your profile to yourself until you have done something here."),
                COORDINATORS,
            ),
            "decided_at": Told(_("Know when it was decided."), STAFF),
            "offer_until": Told(_("Keep the place free for you until then."), COORDINATORS),
        },
        machinery=(
            *("code", "number", "waiting_position", "offer_reminded_at", "reminded_at"),
            *STAMPS,
        ),
        others=("id", "questionnaire", "decided_by", "invitation", "channel"),
    ),
    Held(
        model=Participant,
        title=_("Taking part"),
        person="user",
        kept=Term(AFTER_COHORT, cohort_ended()),
        erase=blanked(
            _("That somebody took part stays, for the figures, without anything about you."),
            facts={},
            facts_at=None,
        ),
        fields={
            "cohort": Told(_FIND, COORDINATORS),
            "role": Told(_FIND, COORDINATORS),
            "facts": Told(_("What the matching was told of you."), COORDINATORS),
            "capacity": Told(_("Give you no more mentees than you can take."), COORDINATORS),
            "time_zone": Told(_("Plan meetings at times that suit you."), COORDINATORS),
            "pace": Told(_("Plan as many meetings as suit you."), COORDINATORS),
            "joined_at": Told(_("Know who took part when."), COORDINATORS),
            "left_at": Told(_("Know who took part when."), COORDINATORS),
        },
        machinery=("code", "facts_at", *STAMPS),
        others=("id",),
    ),
    Held(
        model=Consent,
        title=_("Texts you have read"),
        person="user",
        kept=_ACCOUNT,
        erase=left(_("That somebody agreed stays, without your name: it was a promise to others.")),
        labels={
            "version": _("text"),
        },
        fields={
            "version": Told(_("Know who knows the rules."), COORDINATORS),
            "at": Told(_("Know who knows the rules."), COORDINATORS),
        },
        others=("id",),
    ),
)

# --- What others noted ----------------------------------------------------------------------------


def _once_decided(name: str) -> Callable[[Any, Any], Any]:
    """What was judged of an applicant, told when the decision has been made."""

    def value(interview: Any, person: Any) -> Any:
        return getattr(interview, name) if interview.application.is_decided else ""

    return value


_JUDGED = _("Decide fairly who takes part.")
_REVIEWERS = _("The coordinators and who wrote it")

register(
    Held(
        model=Review,
        title=_("What reviewers thought of your application"),
        person="application__applicant",
        # a draft is nobody's but its writer's, and a judgement is told when it has been given
        shown=Q(submitted_at__isnull=False, application__decided_at__isnull=False),
        kept=Term(AFTER_COHORT, cohort_ended("application__")),
        erase=deleted(),
        fields={
            "scores": Told(_JUDGED, _REVIEWERS),
            "score": Told(_JUDGED, _REVIEWERS),
            "note": Told(_JUDGED, _REVIEWERS),
            "flags": Told(_JUDGED, _REVIEWERS),
            "flag_words": Told(_JUDGED, _REVIEWERS),
            "advice": Told(_JUDGED, _REVIEWERS),
            "submitted_at": Told(_JUDGED, _REVIEWERS),
        },
        machinery=("code", "is_flagged", *STAMPS),
        others=("id", "reviewer"),
    ),
    Held(
        model=Review,
        title=_("Reviews you wrote"),
        person="reviewer",
        kept=Term(AFTER_COHORT),
        erase=left(_("What you judged stays with the application, without your name.")),
        fields={
            "submitted_at": Told(_JUDGED, _REVIEWERS),
            "scores": Told(_JUDGED, _REVIEWERS),
            "note": Told(_JUDGED, _REVIEWERS),
            "advice": Told(_JUDGED, _REVIEWERS),
        },
        machinery=("code", *STAMPS),
        others=("id", "application", "score", "flags", "flag_words", "is_flagged"),
    ),
    Held(
        model=Interview,
        title=_("Interviews"),
        person="application__applicant",
        kept=Term(AFTER_COHORT, cohort_ended("application__")),
        erase=deleted(),
        fields={
            "planned_at": Told(_JUDGED, COORDINATORS),
            "minutes": Told(_JUDGED, COORDINATORS),
            "place": Told(_("Find each other."), COORDINATORS),
            "notes": Told(_JUDGED, _("The coordinators"), _once_decided("notes")),
            "outcome": Told(_JUDGED, _("The coordinators"), _once_decided("outcome")),
        },
        machinery=("code", "held_at", "cancelled_at", *STAMPS),
        others=("id", "interviewer"),
    ),
    Held(
        model=Assignment,
        title=_("Applications you were given to review"),
        person="reviewer",
        kept=Term(AFTER_COHORT),
        erase=left(_("That somebody reviewed stays, without your name.")),
        labels={
            "reason": _("reason"),
            "handed_back_at": _("handed back"),
        },
        fields={
            "reason": Told(_("Keep conflicts of interest out."), COORDINATORS),
            "handed_back_at": Told(_("Keep conflicts of interest out."), COORDINATORS),
        },
        machinery=STAMPS,
        others=("id", "application", "assigned_by"),
    ),
    Held(
        model=Decision,
        title=_("How your application stood before a decision"),
        person="application__applicant",
        kept=Term(_("A minute, in which a decision can be undone; then only that it was made.")),
        erase=deleted(),
        machinery=("decided_at",),
        others=("id", "batch", "before"),
    ),
)

register(
    Held(
        model=Correction,
        title=_("What coordinators corrected for you"),
        person="user",
        kept=Term(
            days(_("{days} days after it was corrected."), settings.RETENTION_DRAFT_DAYS),
            lambda rows, at: _long_past(rows, at),
        ),
        erase=deleted(),
        labels={
            "program": _("program"),
            "changes": _("changes"),
        },
        fields={
            "program": Told(_("Tell you what was changed."), COORDINATORS),
            "changes": Told(_("Tell you what was changed."), COORDINATORS),
        },
        machinery=("code", *STAMPS),
        others=("id", "by", "application"),
    ),
    Held(
        model=Correction,
        title=_("What you corrected for others"),
        person="by",
        kept=Term(days(_("{days} days after it was corrected."), settings.RETENTION_DRAFT_DAYS)),
        erase=left(_("That something was corrected stays, without your name.")),
        machinery=("code", *STAMPS),
        others=("id", "application", "changes", "user"),
    ),
    Held(
        model=ImportJob,
        title=_("Lists you brought"),
        person="asked_by",
        kept=Term(_("As long as the program is kept; the rows go with their file.")),
        erase=left(_("That a list was brought stays, without your name.")),
        fields={"status": Told(_("Tell you how far it is."), COORDINATORS)},
        machinery=("code", "finished_at", *STAMPS),
        others=tuple(
            column.name
            for column in ImportJob._meta.concrete_fields
            if column.name not in ("code", "status", "finished_at", "asked_by", *STAMPS)
        ),
    ),
)
impersonal(
    _("Rows of lists that coordinators brought; they go with the file, after days."),
    ImportFile,
    ImportRow,
)

# --- Duties, invitations --------------------------------------------------------------------------


def _to_their_address(rows: Rows) -> int:
    return blanked("", email="", name="", message="", why="").act(rows)


def _long_past(rows: Rows, at: datetime) -> Rows:
    return rows.filter(updated_at__lt=at - timedelta(days=settings.RETENTION_DRAFT_DAYS))


_DUTY = _("Know who may do what in a program.")

register(
    Held(
        model=Membership,
        title=_("Duties"),
        person="user",
        kept=Term(_("Until the duty ends.")),
        erase=deleted(),
        fields={"program": Told(_DUTY, COORDINATORS), "role": Told(_DUTY, COORDINATORS)},
        machinery=("code", *STAMPS),
        others=("id",),
    ),
    Held(
        model=MemberInvitation,
        title=_("Invitations to a duty"),
        person="email",
        key="email",
        kept=Term(
            days(_("{days} days after it ended."), settings.RETENTION_DRAFT_DAYS),
            lambda rows, at: _long_past(rows, at).filter(
                Q(ended_at__isnull=False) | Q(expires_at__lt=at)
            ),
        ),
        erase=deleted(),
        labels={
            "program": _("program"),
            "end": _("answer"),
        },
        fields={
            "email": Told(_("Ask you."), COORDINATORS),
            "program": Told(_DUTY, COORDINATORS),
            "role": Told(_DUTY, COORDINATORS),
            "end": Told(_("Know what you answered."), COORDINATORS),
        },
        machinery=("code", "expires_at", "ended_at", *STAMPS),
        others=("id", "invited_by"),
    ),
    Held(
        model=Invitation,
        title=_("Invitations to apply"),
        person="email",
        key="email",
        kept=Term(
            days(_("{days} days after the last change."), settings.RETENTION_DRAFT_DAYS),
            lambda rows, at: _long_past(rows, at).exclude(
                sent_at=None, withdrawn_at=None, refused_at=None
            ),
        ),
        erase=Erase(
            _to_their_address,
            _("A code that only tells whether an address was invited already."),
        ),
        fields={
            "email": Told(_("Ask you."), COORDINATORS),
            "name": Told(_("Ask you."), COORDINATORS),
            "message": Told(_("Ask you."), COORDINATORS),
            "role": Told(_("Ask you."), COORDINATORS),
            "sent_at": Told(_("Ask you once only."), COORDINATORS),
            "refused_at": Told(_("Leave you in peace."), COORDINATORS),
        },
        machinery=("code", "withdrawn_at", *STAMPS),
        others=(
            *("id", "cohort", "address_hash", "token_hash", "invited_by", "suggested_by"),
            *("why", "may_name_suggester"),
        ),
    ),
    Held(
        model=Invitation,
        title=_("People you suggested"),
        person="suggested_by",
        kept=Term(
            days(_("{days} days after the last change."), settings.RETENTION_DRAFT_DAYS),
        ),
        erase=blanked("", why="", may_name_suggester=False),
        fields={
            "why": Told(_("Tell them why."), COORDINATORS),
            "may_name_suggester": Told(_("Name you only if you want it."), COORDINATORS),
        },
        machinery=("code", *STAMPS),
        others=("id",),
    ),
    Held(
        model=SavedView,
        title=_("Filters you saved"),
        person="user",
        kept=_ACCOUNT,
        erase=deleted(),
        labels={
            "query": _("filter"),
        },
        fields={
            "name": Told(_("Find it again."), YOU),
            "query": Told(_("Find it again."), YOU),
        },
        machinery=("code", *STAMPS),
        others=("id", "cohort"),
    ),
    Held(
        model=Batch,
        title=_("Decisions you made"),
        person="by",
        kept=Term(_("As long as the program is kept.")),
        erase=left(_("That something was decided stays, without your name.")),
        labels={
            "at": _("when"),
        },
        fields={
            "decision": Told(_("Know who decided what."), COORDINATORS),
            "at": Told(_("Know who decided what."), COORDINATORS),
        },
        machinery=("code", "undone_at", *STAMPS),
        others=("id", "cohort"),
    ),
    Held(
        model=ObjectiveFigure,
        title=_("Figures you entered"),
        person="by",
        kept=Term(_("As long as the program is kept.")),
        erase=left(_("The figure stays, without your name.")),
        fields={"on": Told(_("Show progress."), COORDINATORS)},
        machinery=STAMPS,
        others=("id", "objective", "value"),
    ),
    Held(
        model=TextVersion,
        title=_("Texts you wrote for a program"),
        person="written_by",
        kept=Term(_("As long as the program is kept.")),
        erase=left(_("The text stays, without your name: people have agreed to it.")),
        fields={"written_at": Told(_("Know who wrote it."), COORDINATORS)},
        machinery=("code", *STAMPS),
        others=("id", "text", "number", "title", "body", "asks_again"),
    ),
)

impersonal(
    _("What a program says and asks; no person stands in it."),
    models.Program,
    models.Cohort,
    models.Objective,
    models.Criterion,
    models.GateItem,
    models.RequiredText,
    models.Channel,
)
impersonal(
    _("Keyed hashes of addresses that want no invitation; nobody can be read in it."), Refusal
)
