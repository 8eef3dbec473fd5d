"""Mail out: over SMTP when it is configured, else into a folder, one file per message."""

from __future__ import annotations

import logging
import secrets
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from issuer.config import Config

logger = logging.getLogger("badgewright.mail")

_TIMEOUT = 20.0


class Mailer:
    """Sends plain-text mail in the installation's name.

    Args:
        start: has work done soon, in the background; false if it cannot. By default mail is sent at once.

    A failure to send is logged and swallowed: whoever asked for a mail must not learn from the answer whether there is
    such an address, and nothing else may fail because a mail server is down.
    """

    def __init__(self, config: Config, start: Callable[[Callable[[], object]], bool] = lambda _work: False) -> None:
        self._config = config
        self._folder = config.var / "mail"
        self._start = start

    def send(self, recipient: str, subject: str, text: str) -> None:
        """Send it soon, not while somebody waits for a page; at once where too much is waiting already."""
        message = self._message(recipient, subject, text)
        if not self._start(lambda: self._deliver(message)):
            self._deliver(message)

    def deliver(self, recipient: str, subject: str, text: str) -> bool:
        """Send it now, for work that nobody waits for. False if the mail server is away, so that it is worth trying
        again; an address that it refuses counts as done."""
        return self._deliver(self._message(recipient, subject, text))

    def _message(self, recipient: str, subject: str, text: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._config.mail_from
        message["To"] = recipient
        message["Subject"] = subject
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = make_msgid(domain=self._config.mail_from.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        return message

    def _deliver(self, message: EmailMessage) -> bool:
        try:
            if self._config.mail_url:
                self._hand_over(message)
            else:
                self._keep(message)
        except smtplib.SMTPRecipientsRefused:
            logger.exception("a mail was refused by the mail server")
        except (OSError, smtplib.SMTPException):
            logger.exception("a mail could not be sent")
            return False
        return True

    def _hand_over(self, message: EmailMessage) -> None:
        parts = urlsplit(self._config.mail_url)
        host, context = parts.hostname or "", ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=_TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=_TIMEOUT)
        with server:
            if parts.scheme == "smtp":
                server.starttls(context=context)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)

    def _keep(self, message: EmailMessage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{secrets.token_hex(8)}.eml"
        path.write_bytes(message.as_bytes())
        path.chmod(0o600)
        logger.info("a mail was kept in %s", path)
