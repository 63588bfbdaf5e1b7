"""Who a mail says it is from: the program where it speaks for one, else the site."""

import pytest
from django.core import mail
from django.test import override_settings

from mentorship.shared.notifications import delivery
from mentorship.shared.notifications.outbox import notify
from programs.notifications import ApplicationReceived, MemberChanged
from tests.factories.programs import ApplicationFactory, MembershipFactory, ProgramFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_named")]


@pytest.fixture
def _named():
    with override_settings(SITE_NAME="The site", BASE_URL="https://mentors.example"):
        yield


def sent(notice, recipient):
    assert notify(notice, recipient)
    delivery.deliver_due()
    [message] = mail.outbox
    [html] = [body for body, kind in message.alternatives if kind == "text/html"]
    return message.body, html


def test_a_mail_of_a_program_has_the_programs_name_in_its_head():
    program = ProgramFactory(name="Ada & Friends", mail_signature="Yours, Grace")
    application = ApplicationFactory(cohort__program=program)
    text, html = sent(ApplicationReceived(application), application.applicant)
    assert '<p class="name">Ada &amp; Friends</p>' in html
    # whose machine it is stands at its end
    assert '<a href="https://mentors.example">The site</a>' in html
    assert text.rstrip().endswith("Yours, Grace\n\nAda & Friends\nhttps://mentors.example")


def test_a_mail_about_a_duty_has_the_sites_name():
    membership = MembershipFactory()
    text, html = sent(MemberChanged(membership), membership.user)
    assert '<p class="name">The site</p>' in html
    assert text.rstrip().endswith("--\nThe site\nhttps://mentors.example")
