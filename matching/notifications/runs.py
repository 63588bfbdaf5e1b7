from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy

from matching.models import MatchingRun
from matching.proofs import failure_of, proof_of
from mentorship.shared.base.links import absolute
from mentorship.shared.notifications.registry import Category, Notice, register


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
