"""What a mail server says about one mail decides whether it is worth trying again."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

from issuer.config import Config
from issuer.mail import Delivery, Mailer

TO = "tara@lakeside.example"


class Server:
    """A mail server that refuses as it is told, and says goodbye rudely."""

    refusal: Exception | None = None
    handed: list[EmailMessage]

    def __init__(self, host: str, port: int, **_: object) -> None:
        if isinstance(self.refusal, ConnectionRefusedError):
            raise self.refusal

    def login(self, user: str, password: str) -> None:
        if isinstance(self.refusal, smtplib.SMTPAuthenticationError):
            raise self.refusal

    def send_message(self, message: EmailMessage) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.handed.append(message)

    def quit(self) -> None:
        raise smtplib.SMTPServerDisconnected("gone without a word")

    def close(self) -> None:
        pass


@pytest.fixture
def mailer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mailer:
    monkeypatch.setattr(smtplib, "SMTP_SSL", Server)
    monkeypatch.setattr(Server, "handed", [], raising=False)
    return Mailer(
        Config(
            var=tmp_path,
            database_url=f"sqlite:///{tmp_path}/x.sqlite3",
            secret_key="s" * 40,
            key_secret="k" * 40,
            mail_url="smtps://us:secret@mail.example.org",
        )
    )


@pytest.mark.parametrize(
    ("refusal", "outcome"),
    [
        (None, Delivery.SENT),
        (smtplib.SMTPRecipientsRefused({TO: (550, b"no such mailbox")}), Delivery.REFUSED),
        (smtplib.SMTPRecipientsRefused({TO: (451, b"greylisted")}), Delivery.LATER),
        (smtplib.SMTPDataError(554, b"looks like spam"), Delivery.REFUSED),
        (smtplib.SMTPDataError(452, b"mailbox full"), Delivery.LATER),
        (smtplib.SMTPNotSupportedError("no SMTPUTF8"), Delivery.REFUSED),
        (smtplib.SMTPSenderRefused(550, b"not from you", "us@example.org"), Delivery.LATER),
        (smtplib.SMTPServerDisconnected("in the middle"), Delivery.LATER),
        (ConnectionRefusedError("no server there"), Delivery.AWAY),
        (smtplib.SMTPAuthenticationError(535, b"wrong password"), Delivery.AWAY),
    ],
    ids=str,
)
def test_a_refusal_for_good_is_not_taken_for_a_server_that_is_away(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch, refusal: Exception | None, outcome: Delivery
) -> None:
    monkeypatch.setattr(Server, "refusal", refusal)
    assert mailer.deliver(TO, "Your badges", "Hello") is outcome
    assert len(Server.handed) == (outcome is Delivery.SENT)
