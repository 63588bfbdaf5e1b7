"""Both samples in the repository come in whole, unchanged, into a cohort with bare forms."""

from collections import Counter

import pytest
from allauth.account.models import EmailAddress

from mentorship.shared.audit.models import AuditEvent
from mentorship.shared.notifications.models import OutboxMessage
from programs.actions.imports import Report, import_applications
from programs.models import Application, Cohort, Participant, Role, User
from tests.programs.imports.conftest import SAMPLES

SIZES = {"developers-2025": (251, 156), "civil-service-small": (50, 50)}


def import_sample(cohort: Cohort, sample: str, **options: bool) -> Report:
    folder = SAMPLES / sample
    return import_applications(
        cohort,
        by=None,
        mentors=folder / "mentors.csv",
        mentees=folder / "mentees.csv",
        mapping=folder / "mapping.toml",
        **options,
    )


@pytest.mark.parametrize("sample", SIZES)
def test_a_sample_comes_in_whole_and_a_second_time_changes_nothing(
    cohort: Cohort, sample: str
) -> None:
    mentors, mentees = SIZES[sample]

    first = import_sample(cohort, sample)
    second = import_sample(cohort, sample)

    assert first == Report(created=mentors + mentees)
    assert second == Report(unchanged=mentors + mentees)
    roles = Counter(Application.objects.values_list("role", "status"))
    assert roles == {("mentor", "submitted"): mentors, ("mentee", "submitted"): mentees}
    assert AuditEvent.objects.filter(verb="applications.imported").count() == 1


@pytest.mark.parametrize("sample", SIZES)
def test_a_sample_is_accepted_whole_in_the_first_coordinators_name(
    cohort: Cohort, coordinator: User, sample: str
) -> None:
    people = sum(SIZES[sample])

    report = import_sample(cohort, sample, accept=True)
    again = import_sample(cohort, sample, accept=True)

    assert report == Report(created=people, accepted=people)
    assert again == Report(unchanged=people)
    assert set(Application.objects.values_list("status", "decided_by")) == {
        ("accepted", coordinator.pk)
    }
    assert OutboxMessage.objects.filter(kind="application_accepted").count() == people


def test_a_developer_keeps_answers_and_gaps(cohort: Cohort) -> None:
    import_sample(cohort, "developers-2025", accept=True)

    mentor = Application.objects.get(reference="SO25-0001")
    facts = mentor.facts()
    assert mentor.applicant.email == "so25-0001@example.org"
    assert {key: facts[key] for key in ("years_experience", "people_manager", "styles")} == {
        "years_experience": 8,
        "people_manager": True,
        "styles": ["courses", "online communities"],
    }
    assert "GitHub (public projects, not private repos)" in facts["channels"]
    gaps = Application.objects.get(reference="SO25-0003").answers
    assert "work_mode" not in gaps
    assert "organisation_size" not in gaps
    assert mentor.applicant.time_zone == "Europe/Kyiv"
    seats = Participant.objects.mentors().values_list("capacity", flat=True)
    assert Counter(seats) == {1: 136, 2: 63, 3: 52}
    assert Participant.objects.get(user=mentor.applicant).time_zone == "Europe/Kyiv"


def test_invented_names_are_the_same_every_time_and_differ(cohort: Cohort) -> None:
    import_sample(cohort, "developers-2025")

    names = User.objects.filter(applications__cohort=cohort).values_list("name", flat=True)
    assert len(set(names)) > 400
    assert all(len(name.split()) == 2 for name in names)
    assert User.objects.get(email="so25-0001@example.org").name == "Ellen Papadakis"


def test_a_civil_servant_wishes_for_an_identity(cohort: Cohort) -> None:
    import_sample(cohort, "civil-service-small")

    mentor = Application.objects.get(applicant__email="mentor.11@example.org")
    mentee = Application.objects.get(applicant__email="mentee.00@example.org")
    assert mentor.applicant.name == "mentor 11"
    assert mentor.facts()["identities"] == ["Lesbian", "Non-binary", "Gay"]
    assert mentee.facts() == {
        "job_title": "Some role",
        "grade": "HEO",
        "organisation": "Department of Virtue",
        "profession": "Security",
        "identity_matters": True,
        "identity_wished": "Bisexual or pansexual",
    }
    unlisted = Application.objects.get(applicant__email="mentor.00@example.org")
    assert "identities" not in unlisted.answers


def test_questions_the_form_lacks_stand_at_its_end_and_are_optional(new_cohort) -> None:
    cohort = new_cohort(mentor_keys=("motivation", "organisation"))
    import_sample(cohort, "civil-service-small")

    questions = cohort.mentor_questions.questions.all()
    assert [(question.key, question.required) for question in questions] == [
        ("motivation", True),
        ("organisation", False),
        ("job_title", False),
        ("grade", False),
        ("profession", False),
        ("identities", False),
        ("biography", False),
    ]
    grade, identities = questions.get(key="grade"), questions.get(key="identities")
    assert (grade.kind, len(grade.choices)) == ("one_of", 11)
    assert identities.is_sensitive
    assert grade.label == "What is your grade?"


def test_an_imported_person_has_an_account_without_a_password(cohort: Cohort) -> None:
    import_sample(cohort, "civil-service-small")

    person = User.objects.get(email="mentor.00@example.org")
    assert not person.has_usable_password()
    assert person.profile.facts() == {}
    address = EmailAddress.objects.get(user=person)
    assert (address.email, address.primary, address.verified) == (person.email, True, False)
    assert Role(Application.objects.get(applicant=person).role) is Role.MENTOR
