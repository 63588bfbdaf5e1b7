"""The developers' next round, which takes applications now."""

from datetime import datetime, timedelta

from mentorship.demo import developers, reviewing
from mentorship.demo.director import DAY, Dates, Director
from mentorship.shared.base import clock
from programs.actions import applications, cohorts, memberships
from programs.models import Application, Cohort, Membership, Program, Role


def open_up(director: Director, program: Program, before: Cohort) -> None:
    """A cohort that takes applications now: some have come in, one is being written."""
    coordinator = director.cast["coordinator"]
    reviewer = director.join("reviewer", "Ines Duarte", "Europe/Lisbon")
    memberships.appoint(program, user=reviewer, role=Membership.Role.REVIEWER, by=coordinator)
    dates = Dates(director.monday + 35 * DAY)

    def announce() -> None:
        cohort = developers.make_cohort(program, coordinator, dates.name, dates)
        cohort = cohorts.open(cohort, by=coordinator)
        _mentors_apply_again(director, before, cohort)
        director.play.at(
            director.now - timedelta(hours=4),
            lambda: reviewing.give_out(cohort, coordinator=coordinator, reviewer=reviewer),
        )
        applicant_begins(director, cohort, director.now - timedelta(hours=20))

    director.play.at(director.now - 8 * DAY, announce)


def _mentors_apply_again(director: Director, before: Cohort, cohort: Cohort) -> None:
    """Mentors for whom there was no mentee this time ask for the next."""
    unmatched = (
        Application.objects.filter(cohort=before, role=Role.MENTOR)
        .exclude(applicant__participations__places__isnull=False)
        .select_related("applicant")
        .order_by("pk")[:9]
    )
    for number, earlier in enumerate(unmatched):

        def apply(earlier: Application = earlier) -> None:
            application = applications.start(
                cohort, applicant=earlier.applicant, role=Role.MENTOR, answers=earlier.answers
            )
            applications.submit(application, by=earlier.applicant)

        director.act(clock.now() + timedelta(hours=15 + 19 * number), apply)


def applicant_begins(director: Director, cohort: Cohort, moment: datetime) -> None:
    """Somebody new signs up and begins an application; sending it in is left to the visitor."""

    def begin() -> None:
        cohort.refresh_from_db()  # it was opened since
        applicant = director.join("applicant", "Lea Marchetti", "Europe/Rome")
        application = applications.start(cohort, applicant=applicant, role=Role.MENTEE)
        applications.save(
            application,
            by=applicant,
            answers={
                "time_zone": "Europe/Rome",
                "country": "Italy",
                "years_experience": 2,
                "job_title": "Developer, front-end",
                "skills_have": ["HTML/CSS", "JavaScript", "Vue.js"],
                "skills_wanted": ["TypeScript", "Node.js", "PostgreSQL"],
            },
        )

    director.play.at(moment, begin)
