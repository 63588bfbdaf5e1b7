"""What there is to set up in a cohort, each as a card: a title, one line, a state and a page.

A new part of the set-up adds one function here, in the order in which one goes through them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mentorship.shared.questions.models import Question
from programs.models import Choice, Cohort

Tone = Literal["good", "wait", "bad", "plain"]


@dataclass(frozen=True, slots=True)
class Card:
    """One part of the set-up. `state` is a word or two, empty when there is nothing to say."""

    title: str
    text: str
    url: str
    state: str = ""
    tone: Tone = "plain"


def dates(cohort: Cohort) -> Card:
    return Card(
        _("Dates and rhythm"),
        _("When people apply and start, how often a pair meets, how many places there are."),
        reverse("desk-cohort-edit", args=[cohort.code]),
        _("Always on")
        if cohort.is_always_on
        else ngettext("%(count)d week", "%(count)d weeks", cohort.weeks) % {"count": cohort.weeks},
    )


def choice(cohort: Cohort) -> Card:
    return Card(
        _("How people are matched"),
        _("Who chooses, until when, and how long people have to answer an introduction."),
        reverse("desk-cohort-choice", args=[cohort.code]),
        {
            Choice.ASSIGNED: _("Assigned"),
            Choice.RANKED: _("Ranked"),
            Choice.OPEN: _("Open"),
        }[Choice(cohort.choice)],
    )


def objectives(cohort: Cohort) -> Card:
    count = cohort.objectives.count()
    return Card(
        _("Objectives"),
        _("What this cohort is to reach, by when, and how you will know."),
        reverse("desk-objectives", args=[cohort.program.code]),
        ngettext("%(count)d objective", "%(count)d objectives", count) % {"count": count}
        if count
        else _("None yet"),
        "good" if count else "wait",
    )


def program(cohort: Cohort) -> Card:
    return Card(
        _("Words of the program"),
        _("Its purpose, and what mentors and mentees may expect. All its cohorts share them."),
        reverse("desk-program-edit", args=[cohort.program.code]),
    )


def forms(cohort: Cohort) -> Card:
    asked = Question.objects.filter(
        questionnaire__in=(cohort.mentor_questions_id, cohort.mentee_questions_id)
    ).count()
    return Card(
        _("Forms"),
        _("What mentors and mentees are asked when they apply, and what the matching reads."),
        reverse("desk-forms", args=[cohort.code]),
        ngettext("%(count)d question", "%(count)d questions", asked) % {"count": asked},
        "good" if asked else "bad",
    )


def invitations(cohort: Cohort) -> Card:
    count = cohort.invitations.count()
    return Card(
        _("Invitations"),
        _("Ask people to apply, by name or by a public link, and see what leads to applications."),
        reverse("desk-invitations", args=[cohort.code]),
        ngettext("%(count)d invited", "%(count)d invited", count) % {"count": count}
        if count
        else _("Nobody yet"),
        "good" if count else "plain",
    )


def texts(cohort: Cohort) -> Card:
    count = cohort.gate_items.count()
    return Card(
        _("Texts, and what is needed before matching"),
        _("The code of conduct and other texts people read; what must be done to be matched."),
        reverse("desk-texts", args=[cohort.code]),
        ngettext("%(count)d thing is needed", "%(count)d things are needed", count)
        % {"count": count}
        if count
        else _("Nothing is needed"),
        "good" if count else "plain",
    )


def rubric(cohort: Cohort) -> Card:
    count = cohort.criteria.count()
    return Card(
        _("Review"),
        _("What applications are judged by, how many read each, and whether names are hidden."),
        reverse("desk-rubric", args=[cohort.code]),
        ngettext("%(count)d criterion", "%(count)d criteria", count) % {"count": count}
        if count
        else _("As usual"),
        "good" if count else "plain",
    )


def bring_in(cohort: Cohort) -> Card:
    return Card(
        _("Import"),
        _("Bring applications that came by another way, from a CSV or XLSX file."),
        reverse("desk-import", args=[cohort.code]),
    )


def members(cohort: Cohort) -> Card:
    count = cohort.program.memberships.count()
    return Card(
        _("Members"),
        _("Who runs the program, reviews applications and reads the figures."),
        reverse("desk-members", args=[cohort.program.code]),
        ngettext("%(count)d duty is given", "%(count)d duties are given", count) % {"count": count},
        "plain",
    )


def look(cohort: Cohort) -> Card:
    program = cohort.program
    has_own = program.has_look or program.own_words
    return Card(
        _("Look and words"),
        _("Colours, what you call mentors, mentees and check-ins, and words under every mail."),
        reverse("desk-look", args=[program.code]),
        _("Your own") if has_own else _("As usual"),
        "good" if has_own else "plain",
    )


def preview(cohort: Cohort) -> Card:
    return Card(
        _("Preview"),
        _("The pages of the program as a mentor or a mentee sees them, from first visit to match."),
        reverse("desk-preview", args=[cohort.code, "mentee", "visit"]),
    )


CARDS: tuple[Callable[[Cohort], Card], ...] = (
    dates,
    choice,
    program,
    objectives,
    forms,
    invitations,
    texts,
    rubric,
    members,
    bring_in,
    look,
    preview,
)


def cards(cohort: Cohort) -> list[Card]:
    """Every part of the set-up of this cohort."""
    return [card(cohort) for card in CARDS]
