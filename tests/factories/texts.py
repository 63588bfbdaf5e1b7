from datetime import timedelta
from typing import Any

import factory

from mentorship.shared.base import clock
from programs.models import GateItem, MemberInvitation, RequiredText, TextVersion
from tests.factories.programs import CohortFactory, ProgramFactory, UserFactory


class RequiredTextFactory(factory.django.DjangoModelFactory[RequiredText]):
    """A text of a program (`program=`) or of a cohort (`cohort=`), with its first version."""

    class Meta:
        model = RequiredText
        skip_postgeneration_save = True

    kind = RequiredText.Kind.CONDUCT
    title = "Code of conduct"

    @factory.post_generation
    def body(text: RequiredText, create: bool, extracted: Any, **_: Any) -> None:
        TextVersion.objects.create(
            text=text,
            number=1,
            title=text.title,
            body=extracted or "## Be kind\n\nAlways.",
            written_by=UserFactory(),
        )


class GateItemFactory(factory.django.DjangoModelFactory[GateItem]):
    """`GateItemFactory(cohort=…, key="story")`, or with `text=` one that asks for a text."""

    class Meta:
        model = GateItem

    cohort = factory.SubFactory(CohortFactory)
    text = None
    key = factory.LazyAttribute(lambda o: "text" if o.text else "story")


class MemberInvitationFactory(factory.django.DjangoModelFactory[MemberInvitation]):
    class Meta:
        model = MemberInvitation

    program = factory.SubFactory(ProgramFactory)
    email = factory.Sequence(lambda n: f"invited{n}@example.org")
    role = "reviewer"
    invited_by = factory.SubFactory(UserFactory)
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(days=14))
