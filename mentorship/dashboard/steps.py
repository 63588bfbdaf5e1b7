"""The one thing to do now: small questions about what the sections found, most pressing first."""

from collections.abc import Callable
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from feedback.models import CheckIn
from matching.choosing import deadline_in_words
from mentorship.dashboard.applying import (
    finish_an_application,
    go_to_an_interview,
    read_how_it_ended,
    take_an_offer,
    wait_for_a_decision,
    wait_for_a_match,
)
from mentorship.dashboard.step import Found, NextStep
from mentorship.shared.base.zones import local
from programs.models import Choice, Role, User


def answer_an_introduction(found: Found, user: User, at: datetime) -> NextStep | None:
    for introduction in found["introductions"]:
        if not introduction.my_answer:
            until = local(introduction.answer_by, introduction.me.time_zone)
            return NextStep(
                _("Meet %(name)s") % {"name": introduction.other.user.name},
                _("Would you like to work together? Please say yes or no by %(day)s at %(time)s.")
                % {"day": date_format(until, "l j F"), "time": until.strftime("%H:%M")},
                reverse("introduction-detail", args=[introduction.code]),
                _("Read more and answer"),
            )
    return None


def answer_an_ask(found: Found, user: User, at: datetime) -> NextStep | None:
    for row in found["choosing"]:
        if row.asks:
            return NextStep(
                _("Somebody asks you"),
                ngettext(
                    "%(count)d mentee would like to work with you. Say yes or no.",
                    "%(count)d mentees would like to work with you. Say yes or no to each.",
                    row.asks,
                )
                % {"count": row.asks},
                reverse("asks", args=[row.part.code]),
                _("Read and answer"),
            )
    return None


def choose(found: Found, user: User, at: datetime) -> NextStep | None:
    """Where people choose and this person has chosen nobody yet."""
    for row in found["choosing"]:
        if row.may_choose and not row.chosen:
            cohort = row.part.cohort
            names = cohort.program.words.roles(Role(row.part.role).other)
            is_ranked = cohort.choice == Choice.RANKED
            title = _("Choose up to five %(names)s") if is_ranked else _("Ask one of the %(names)s")
            text = (
                _("Until %(until)s.") % {"until": deadline_in_words(cohort, row.until)}
                if row.until
                else _("Look at what they show, and at what fits.")
            )
            return NextStep(
                title % {"names": names},
                text,
                reverse("choose", args=[row.part.code]),
                _("Look at the cards"),
            )
    return None


def say_how_it_went(found: Found, user: User, at: datetime) -> NextStep | None:
    for checkin in found["checkins"]:
        if checkin.has_begun(at):
            return NextStep(
                _("Did you meet?"),
                _("Tell in two clicks how your check-in with %(names)s went.")
                % {"names": _names(checkin)},
                reverse("checkin-detail", args=[checkin.code]),
                _("Say how it went"),
            )
    return None


def answer_a_survey(found: Found, user: User, at: datetime) -> NextStep | None:
    for invitation in found["surveys"]:
        return NextStep(
            invitation.survey.title,
            _("A few questions, a few minutes. Your answers shape the program."),
            reverse("survey-answer", args=[invitation.code]),
            _("Answer the survey"),
        )
    return None


def take_a_duty(found: Found, user: User, at: datetime) -> NextStep | None:
    for invitation in found["duties"]:
        return NextStep(
            _("You are asked to help run %(program)s") % {"program": invitation.program.name},
            _("Say yes or no to the duty: %(role)s.") % {"role": invitation.get_role_display()},
            reverse("duty-invitation", args=[invitation.code]),
            _("Open the invitation"),
        )
    return None


def get_ready(found: Found, user: User, at: datetime) -> NextStep | None:
    """What is missing before a match, where the person has none yet."""
    matched = {match.cohort_id for match in found["matches"]}
    for part in found["parts"]:
        if part.missing and part.cohort_id not in matched:
            return NextStep(
                _things_before_a_match(len(part.missing)),
                _("%(cohort)s asks for this before it looks for the people who fit you.")
                % {"cohort": part.cohort},
                reverse("participation-detail", args=[part.code]),
                _("See what is missing"),
            )
    return None


def _things_before_a_match(count: int) -> str:
    if count == 2:
        return _("Two things before you are matched")
    return ngettext(
        "One thing before you are matched", "%(count)d things before you are matched", count
    ) % {"count": count}


def rest(found: Found, user: User, at: datetime) -> NextStep | None:
    """Somebody on a pause has nothing to do until it ends."""
    for back_on in found["pause"]:
        return NextStep(
            _("You are paused until %(day)s") % {"day": date_format(back_on, "l j F")},
            _("Until then no matching counts you in. You are back by yourself on that day."),
            reverse("profile-pause"),
            _("Change it or come back"),
        )
    return None


def meet(found: Found, user: User, at: datetime) -> NextStep | None:
    for checkin in found["checkins"]:
        when = local(checkin.starts_at, user.time_zone)
        return NextStep(
            _("Your next check-in"),
            _("With %(names)s on %(day)s at %(time)s, your time.")
            % {
                "names": _names(checkin),
                "day": date_format(when, "l j F"),
                "time": when.strftime("%H:%M"),
            },
            reverse("checkin-detail", args=[checkin.code]),
            _("Open it"),
        )
    return None


def review(found: Found, user: User, at: datetime) -> NextStep | None:
    for count in found["reviews"]:
        return NextStep(
            ngettext("%(count)d application to review", "%(count)d applications to review", count)
            % {"count": count},
            _("Read them one after the other, and say what you think of each."),
            reverse("desk-my-reviews"),
            _("Open the list"),
        )
    return None


def apply(found: Found, user: User, at: datetime) -> NextStep | None:
    for cohort in found["open_cohorts"]:
        return NextStep(
            _("Apply for a program"),
            _("%(program)s takes applications now.") % {"program": cohort.program.name},
            reverse("program-detail", args=[cohort.program.code]),
            _("Read about it"),
        )
    return None


STEPS: tuple[Callable[[Found, User, datetime], NextStep | None], ...] = (
    answer_an_introduction,
    answer_an_ask,
    take_an_offer,
    say_how_it_went,
    answer_a_survey,
    go_to_an_interview,
    finish_an_application,
    take_a_duty,
    rest,
    get_ready,
    choose,
    meet,
    review,
    wait_for_a_match,
    wait_for_a_decision,
    apply,
    read_how_it_ended,
)


def next_step(found: Found, user: User, at: datetime) -> NextStep | None:
    """The most pressing step; None when there is nothing to do."""
    steps = (step(found, user, at) for step in STEPS)
    return next((step for step in steps if step is not None), None)


def _names(checkin: CheckIn) -> str:
    return ", ".join(person.user.name for person in checkin.others)
