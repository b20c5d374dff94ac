"""Mail handed over to a real SMTP server."""

import pytest

from infra.mail import Mail, NotMailed
from tests.infra.mailbox import mailbox

SENDER = "desk@example.org"


async def test_a_mail_arrives_as_it_was_written() -> None:
    """Sender, address, subject and text arrive, letters of any script among them."""
    with mailbox() as box:
        mail = Mail(box.url, SENDER, seconds_max=10)
        await mail.send("ada@example.org", "Einladung für Ада", "Zwei Zeilen,\nmit Ümläuten.\n")
    (found,) = box.mails
    assert (found["From"], found["To"]) == (SENDER, "ada@example.org")
    assert found["Subject"] == "Einladung für Ада"
    assert found.get_content().splitlines() == ["Zwei Zeilen,", "mit Ümläuten."]


async def test_a_mail_that_is_not_taken_is_told() -> None:
    """An address that the server refuses, and a server that is away, are told by name, without
    what the server said."""
    with mailbox() as box:
        mail = Mail(box.url, SENDER, seconds_max=10)
        with pytest.raises(NotMailed) as refused:
            await mail.send(box.refused, "x", "x")
    assert box.refused not in str(refused.value)
    with pytest.raises(NotMailed, match="SMTPConnectError"):
        await mail.send("ada@example.org", "x", "x")


async def test_a_header_cannot_be_smuggled_in() -> None:
    """A line break in an address is refused and nothing is sent."""
    with mailbox() as box:
        mail = Mail(box.url, SENDER, seconds_max=10)
        with pytest.raises(ValueError, match="linefeed"):
            await mail.send("ada@example.org\nBcc: eve@example.org", "x", "x")
    assert box.mails == []


def test_nothing_goes_in_the_clear_to_another_machine() -> None:
    """Beyond this machine a mail goes over TLS from the start, or after STARTTLS, or not at all."""
    wrapped = Mail("smtps://ada:p%40ss@mail.example.org:465", SENDER, seconds_max=10)
    assert (wrapped.is_wrapped, wrapped.user, wrapped.password) == (True, "ada", "p@ss")
    assert wrapped.starts_tls is False
    assert Mail("smtp://mail.example.org:587", SENDER, seconds_max=10).starts_tls is True
    assert Mail("smtp://127.0.0.1:25", SENDER, seconds_max=10).starts_tls is None
