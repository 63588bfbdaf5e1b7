"""Two who were brought together, and what one does with the mail about it."""

from django.test import Client
from django.urls import reverse

from matching.actions import matching_runs
from matching.engine import Policy
from matching.models import Introduction, MatchingRun, Suggestion
from mentorship.shared.notifications.models import OutboxMessage
from mentorship.shared.notifications.tokens import token_for
from tests.factories.matching import MatchingRunFactory
from tests.factories.programs import POLICY, UserFactory


def run_of(*pairs, left=(), **fields):
    """A finished run that proposes these pairs of mentor and mentee."""
    cohort = (pairs[0][0] if pairs else left[0]).cohort
    policy = Policy.from_dict(POLICY).to_dict()
    fields = {"status": MatchingRun.Status.DONE, "policy": policy} | fields
    run = MatchingRunFactory(cohort=cohort, **fields)
    for mentor, mentee in pairs:
        Suggestion.objects.create(run=run, mentor=mentor, mentee=mentee, score=3)
    for mentee in left:
        run.left_over.create(mentee=mentee)
    return run


def introduce(*pairs, left=(), by=None):
    """Introductions that a coordinator published, in the order of the pairs."""
    made = matching_runs.publish(run_of(*pairs, left=left), by=by or UserFactory())
    return [next(one for one in made if one.mentee_id == mentee.pk) for _, mentee in pairs]


def link_of(introduction, participant, kind="introduction_made"):
    mail = OutboxMessage.objects.get(
        kind=kind, recipient=participant.user, subject_code=introduction.code
    )
    return reverse("mail-link", args=[token_for(mail)])


def opened(introduction, participant):
    """A browser that came by the link in the mail."""
    client = Client()
    client.get(link_of(introduction, participant))
    return client


def page_of(introduction):
    return reverse("introduction-detail", args=[introduction.code])


def say(client, introduction, **data):
    """Answer on the page, and go where it leads."""
    came_from = {"Referer": f"http://testserver{page_of(introduction)}"}
    url = reverse("introduction-answer", args=[introduction.code])
    return client.post(url, data, follow=True, headers=came_from)


def told(participant):
    """The kinds of mails that wait for somebody, without the introduction itself."""
    rows = OutboxMessage.objects.filter(recipient=participant.user)
    return sorted(set(rows.values_list("kind", flat=True)) - {"introduction_made"})


def stands(introduction):
    return Introduction.objects.get(pk=introduction.pk)
