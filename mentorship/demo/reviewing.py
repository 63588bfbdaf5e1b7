"""How the made people of the demo review the applications for the next round."""

from mentorship.demo import texts
from mentorship.demo.play import chance, pick
from programs.actions import reviews
from programs.models import Assignment, Cohort, User
from programs.rubric import criteria_for

# So much of what was given out has been read.
_READ = 0.6


def give_out(cohort: Cohort, *, coordinator: User, reviewer: User) -> None:
    """Each application gets both readers, and some of them have read some already."""
    reviews.assign(cohort, reviewers=[reviewer, coordinator], by=coordinator)
    given = Assignment.objects.filter(application__cohort=cohort)
    for assignment in given.select_related("application", "reviewer").order_by("pk"):
        applicant, reader = assignment.application.applicant, assignment.reviewer
        if chance("read", applicant.email, reader.email) < _READ:
            _read(assignment)


def _read(assignment: Assignment) -> None:
    application, by = assignment.application, assignment.reviewer
    key = (application.applicant.email, by.email)
    scores = {
        one.key: pick((5, 5, 4, 4, 4, 3, 3, 2), "score", one.key, *key)
        for one in criteria_for(application.cohort, application.role)
    }
    mean = sum(scores.values()) / len(scores)
    reviews.save(
        application,
        by=by,
        scores=scores,
        note=pick(texts.REVIEWS, "review", *key),
        advice="yes" if mean >= 3.7 else "maybe",
        hand_in=True,
    )
