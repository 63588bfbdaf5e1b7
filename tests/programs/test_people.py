"""Which mail people want, and who may do what."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from mentorship.shared.notifications.models import Preference
from mentorship.shared.notifications.registry import Category, declared
from programs import permissions
from programs.models import Membership, User
from tests.cast import Troupe
from tests.factories.programs import CohortFactory, MembershipFactory, ProgramFactory, UserFactory


@pytest.fixture
def ada(db, client):
    user = UserFactory()
    client.force_login(user)
    return user


def test_all_boxes_off_is_an_answer_too(client, ada):
    everything = {category.value: "on" for category in Category}
    url = reverse("preferences")
    for sent, allowed in ((everything, True), ({}, False), (everything, True)):
        assert client.post(url, sent).status_code == 302
        optional = {notice.category for notice in declared() if notice.can_be_disabled}
        form = client.get(url).context["form"]
        ticked = {name for name, field in form.fields.items() if field.initial}
        assert ticked == (set(Category.values) if allowed else set(Category.values) - optional)
        off = Preference.objects.filter(user=ada, is_enabled=False).values_list(
            "category", flat=True
        )
        assert set(off) == (set() if allowed else optional)


def test_who_may_enter_the_dashboard(here: Troupe):
    owner = UserFactory(is_superuser=True)
    closed = UserFactory(is_active=False)
    MembershipFactory(program=here.program, user=closed)
    may = {
        user: permissions.may_enter_dashboard(user)
        for user in (
            owner,
            here.coordinator,
            here.reviewer,
            here.observer,
            here.mentor.user,
            closed,
        )
    }
    assert list(may.values()) == [True, True, True, True, False, False]
    assert permissions.may_enter_dashboard(AnonymousUser()) is False


def test_who_runs_a_program(here: Troupe, elsewhere: Troupe):
    people_ = (
        here.coordinator,
        here.reviewer,
        here.observer,
        here.mentor.user,
        elsewhere.coordinator,
    )
    runs = [permissions.may_coordinate(user, here.program) for user in people_]
    assert runs == [True, False, False, False, False]
    opens = [permissions.may_open(user, here.draft_cohort) for user in people_]
    assert opens == runs
    assert permissions.may_open(here.coordinator, here.cohort) is False
    assert permissions.may_coordinate(AnonymousUser(), here.program) is False


def test_a_closed_account_runs_nothing(here: Troupe):
    here.coordinator.is_active = False
    here.coordinator.save()
    assert permissions.may_coordinate(here.coordinator, here.program) is False


def test_only_the_applicant_withdraws(here: Troupe):
    assert permissions.may_withdraw(here.applicant, here.application) is True
    assert permissions.may_withdraw(here.coordinator, here.application) is False
    here.application.status = "declined"
    assert permissions.may_withdraw(here.applicant, here.application) is False


def test_an_owner_runs_everything_and_an_observer_watches(here: Troupe, elsewhere: Troupe):
    programs = type(here.program).objects
    owner = UserFactory(is_superuser=True)
    assert set(programs.coordinated_by(owner)) == {here.program, elsewhere.program}
    assert set(programs.watched_by(here.observer)) == {here.program}
    assert set(programs.coordinated_by(here.observer)) == set()
    assert set(programs.public()) == {here.program, elsewhere.program}
    hidden = ProgramFactory()
    CohortFactory(program=hidden, stage="draft")
    assert hidden not in programs.public()


def test_people_and_duties_are_told_in_words(here: Troupe):
    assert str(User(email="a@example.org")) == "a@example.org"
    assert str(Membership.objects.filter(user=here.observer).get()) == "heron observer, Observer"
    made = User.objects.create_superuser(" Own@Example.org ", name="Owner")
    assert (made.email, made.is_staff, made.has_usable_password()) == (
        "own@example.org",
        True,
        False,
    )
    assert made.has_perm("anything")
    assert made.has_module_perms("programs")
    assert not here.coordinator.has_perm("anything")
