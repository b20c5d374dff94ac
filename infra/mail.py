"""Mail by SMTP, where the settings name a server; it never sends in the clear to another machine,
and never without being asked."""

import ipaddress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from domain.errors import Article20Error


class NotMailed(Article20Error):
    """The mail was not sent ({reason}). Hand the link over another way, or mend the settings
    `smtp_url` and `mail_from`."""

    slug, status = "not-mailed", 502


class Mail:
    """Sends one text at a time to one address.

    `url`: `smtps://user:password@host:465`, or `smtp://…` which begins with STARTTLS; without it on
    this very machine alone.
    """

    def __init__(self, url: str, sender: str, *, seconds_max: float) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port
        self.user = unquote(parts.username) if parts.username else None
        self.password = unquote(parts.password) if parts.password else None
        self.is_wrapped = parts.scheme == "smtps"
        self.sender, self.seconds_max = sender, seconds_max

    @property
    def starts_tls(self) -> bool | None:
        """Whether STARTTLS is asked for; None where it is taken if offered."""
        if self.is_wrapped:
            return False
        return None if _is_here(self.host) else True

    async def send(self, to: str, subject: str, text: str) -> None:
        """Hand a mail over to the server; NotMailed says why it did not take it."""
        # Here and not above: every command would take longer to start, and few send a mail.
        import aiosmtplib

        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, to, subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        message.set_content(text)
        try:
            await aiosmtplib.send(
                message,
                hostname=self.host,
                port=self.port,
                username=self.user,
                password=self.password,
                use_tls=self.is_wrapped,
                start_tls=self.starts_tls,
                timeout=self.seconds_max,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            # The name alone: what a server says may repeat an address or a password.
            raise NotMailed(reason=type(error).__name__) from error


def mail_by(url: str, sender: str, seconds_max: float) -> Mail | None:
    """The mail that settings name; None where they name none."""
    return Mail(url, sender, seconds_max=seconds_max) if url else None


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
