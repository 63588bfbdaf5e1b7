"""The mails of matching, in the order a program meets them."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy

from matching.models import Match, MatchingRun
from matching.proofs import failure_of, proof_of
from matching.reasons import sentences
from mentorship.shared.base.links import absolute
from mentorship.shared.notifications.registry import Category, Notice, register
from programs.models import Profile
from programs.notifications import OfProgram
from programs.visibility import Viewer


@register
class RunFinished(Notice):
    """To the coordinator who asked."""

    kind = "run_finished"
    label = gettext_lazy("Matching finished")
    category = Category.PROGRAM
    subject_model = MatchingRun

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return MatchingRun.objects.without_proof().select_related("cohort__program")

    def context(self, recipient: Any) -> dict[str, Any]:
        return {
            "url": absolute("desk-run", self.subject.code),
            "proof": failure_of(self.subject) or proof_of(self.subject),
        }


@register
class MatchIntroduced(OfProgram):
    """To each of the people who work together from now on."""

    kind = "match_introduced"
    label = gettext_lazy("Introduction")
    category = Category.MATCH
    subject_model = Match
    can_be_disabled = False

    @classmethod
    def subjects(cls) -> models.QuerySet[Any]:
        return Match.objects.with_people().with_policy()

    def context(self, recipient: Any) -> dict[str, Any]:
        match = self.subject
        others = match.others_than(recipient)
        profiles = Profile.objects.by_user(person.user for person in others)
        hidden: set[str] = set()
        for person in others:
            person.seen = profiles[person.user_id].seen_by(Viewer.MATCH)
            hidden |= person.seen.hidden_facts
        policy = match.run.policy if match.run else {}
        return {
            "url": absolute("match-detail", match.code),
            "others": others,
            "reasons": sentences(match.reasons, policy, hidden=hidden)[:5],
        }

    def not_needed(self, recipient: Any) -> str:
        if self.subject.place_of(recipient) is None:
            return "The match has ended since."
        return ""
