"""Mail as files: one file a mail, found again, and nothing in it chooses where it lies."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives

from mentorship.demo import mail
from mentorship.demo.mail import FileBackend


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MAIL_DIR = tmp_path / "mail"
    settings.BASE_URL = "http://localhost:8000"
    return settings.MAIL_DIR


def _send(ident="<one@example.org>", when="Sun, 22 Nov 2026 10:00:00 +0000", **fields):
    message = EmailMultiAlternatives(
        subject=fields.get("subject", "Hello"),
        body=fields.get("body", "Open http://localhost:8000/l/token/ please."),
        to=["ada@example.org"],
        headers={"Message-ID": ident, "Date": when},
        connection=FileBackend(),
    )
    if "html" in fields:
        message.attach_alternative(fields["html"], "text/html")
    return message.send()


def test_a_mail_comes_back_as_it_was_sent():
    html = "<html><head><title>x</title></head><body><p>Grüße</p></body></html>"
    assert _send(subject="Grüße an alle", html=html, body="Guten Tag, Grüße") == 1
    (name,) = mail.names()
    assert mail.read(name, origin="http://localhost:8000") == mail.Mail(
        name=name,
        to="ada@example.org",
        subject="Grüße an alle",
        date=datetime(2026, 11, 22, 10, tzinfo=UTC),
        text="Guten Tag, Grüße",
        html=html,
    )
    assert [head.subject for head in mail.read_heads([name])] == ["Grüße an alle"]


def test_mails_are_listed_newest_first_by_their_own_date():
    _send("<a@x>", "Sun, 22 Nov 2026 10:00:00 +0000", subject="middle")
    _send("<b@x>", "Sun, 22 Nov 2026 12:00:00 +0300", subject="old")
    _send("<c@x>", "Mon, 23 Nov 2026 10:00:00 +0000", subject="new")
    heads = mail.read_heads(mail.names())
    assert [head.subject for head in heads] == ["new", "middle", "old"]


def test_a_repeat_takes_the_place_of_the_first(folder):
    _send(subject="first")
    _send(subject="again", when="Sun, 22 Nov 2026 10:02:00 +0000")
    assert [head.subject for head in mail.read_heads(mail.names())] == ["again"]
    assert len(list(folder.iterdir())) == 1


def test_nothing_in_a_mail_chooses_where_it_is_written(folder, tmp_path):
    _send("<../../../../etc/passwd>", subject="../../x", when="nonsense")
    assert [path.name for path in tmp_path.iterdir()] == ["mail"]
    (name,) = mail.names()
    assert len(list(folder.iterdir())) == 1
    assert mail.read(name, origin="").subject == "../../x"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../secret_key",
        "20261122T100000-0123456789abcdef0123.eml",
        "20261122T100000-0123456789abcdef0123/../x",
        "20261122T100000-0123456789abcdef0123\n",
        "20261122T100000-0123456789abcdef0123\x00",
        "20261122T100000-0123456789ABCDEF0123",
        "٢٠261122T100000-0123456789abcdef0123",  # noqa: RUF001  digits, but not ours
    ],
)
def test_other_names_are_not_read(name, tmp_path):
    (tmp_path / "secret_key").write_text("secret")
    _send()
    assert mail.read(name, origin="") is None
    assert mail.read_heads([name]) == []


def test_foreign_files_in_the_folder_are_left_alone(folder):
    _send()
    (folder / "notes.eml").write_text("mine")
    assert len(mail.names()) == 1
    mail.forget_all()
    assert mail.names() == []
    assert [path.name for path in folder.iterdir()] == ["notes.eml"]


def test_links_lead_to_where_the_reader_is_now():
    _send(
        body="http://localhost:8000/a/ http://localhost:80001/b http://localhost:8000.",
        html='<a href="http://localhost:8000/l/t/">x</a>',
    )
    (name,) = mail.names()
    found = mail.read(name, origin="http://127.0.0.1:9000")
    assert found.links == [
        "http://127.0.0.1:9000/a/",
        "http://localhost:80001/b",
        "http://127.0.0.1:9000",
    ]
    assert found.html == '<a href="http://127.0.0.1:9000/l/t/">x</a>'


@pytest.mark.parametrize(
    "html, framed",
    [
        ("<p>x</p>", '<base target="_top"><p>x</p>'),
        ("\n<html><HEAD lang=a>y", '\n<html><HEAD lang=a><base target="_top">y'),
        ("<header>z", '<base target="_top"><header>z'),
    ],
)
def test_links_in_the_frame_open_in_the_whole_window(html, framed):
    assert mail.for_frame(html) == framed


def test_without_a_folder_it_says_so(settings):
    settings.MAIL_DIR = None
    with pytest.raises(ImproperlyConfigured, match="MAIL_DIR"):
        mail.names()


def test_before_the_first_mail_the_list_is_empty():
    assert mail.names() == []
