"""Mail out: over SMTP when it is configured, else into a folder, one file per message."""

from __future__ import annotations

import logging
import secrets
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from enum import Enum
from urllib.parse import unquote, urlsplit

from issuer.config import Config

logger = logging.getLogger("badgewright.mail")

_TIMEOUT = 20.0
#: From here on an SMTP reply is permanent: the same mail to the same mailbox will not pass later either.
_PERMANENT = 500


class Delivery(Enum):
    """What became of one mail.

    `LATER`: this mailbox does not take it now. `REFUSED`: it never will. `AWAY`: the mail server takes nothing at all
    from us, whoever it is for.
    """

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    AWAY = "away"


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

    def deliver(self, recipient: str, subject: str, text: str) -> Delivery:
        """Send it now, for work that nobody waits for."""
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

    def _deliver(self, message: EmailMessage) -> Delivery:
        try:
            outcome = self._hand_over(message) if self._config.mail_url else self._keep(message)
        except OSError:
            # SMTPException among them: no connection, no TLS, no login, or a full disk.
            logger.exception("a mail could not be sent")
            return Delivery.AWAY
        return outcome

    def _hand_over(self, message: EmailMessage) -> Delivery:
        parts = urlsplit(self._config.mail_url)
        host, context = parts.hostname or "", ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=_TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=_TIMEOUT)
        try:
            if parts.scheme == "smtp":
                server.starttls(context=context)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            return _send(server, message)
        finally:
            # Whatever the server says to a goodbye, the mail is out or it is not.
            with suppress(OSError):
                server.quit()
            server.close()

    def _keep(self, message: EmailMessage) -> Delivery:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{secrets.token_hex(8)}.eml"
        path.write_bytes(message.as_bytes())
        path.chmod(0o600)
        logger.info("a mail was kept in %s", path)
        return Delivery.SENT


def _send(server: smtplib.SMTP, message: EmailMessage) -> Delivery:
    try:
        server.send_message(message)
    except OSError as error:
        refused = _is_permanent(error)
        logger.exception("a mail was refused by the mail server" if refused else "a mail could not be sent")
        return Delivery.REFUSED if refused else Delivery.LATER
    return Delivery.SENT


def _is_permanent(error: Exception) -> bool:
    """Whether it is about this mail for good. What is said of the sender is about our settings, which get mended."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return all(code >= _PERMANENT for code, _ in error.recipients.values())
        case smtplib.SMTPDataError():
            return error.smtp_code >= _PERMANENT
        case smtplib.SMTPNotSupportedError():
            # An address outside ASCII, and a server without SMTPUTF8.
            return True
        case _:
            return False
