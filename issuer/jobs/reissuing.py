"""Re-issuing as a durable workflow, and the same for a command that does not wait for a worker."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from itertools import groupby

from dbos import DBOS

from issuer.db import reading, unit_of_work
from issuer.errors import ServiceError
from issuer.mail import Delivery, Mailer
from issuer.models import Reissue
from issuer.queries import reissues
from issuer.queries.reissues import Announcement
from issuer.runtime import REISSUE_WORKFLOW, Runtime
from issuer.services import reissuing

logger = logging.getLogger(__name__)

_runtime: list[Runtime] = []
#: Replacements whose holders are written to before the next ones are looked up.
_AT_ONCE = 100
#: A mailbox that has put us off for so long counts as one that refuses; mail servers do the same.
_GIVE_UP = timedelta(days=5)

_WHY = {
    "key_compromised": "{organisation} signs badges with a key. That key may have come into other hands, so\n"
    "nothing that it signed is trusted any more. What you earned stands: it was signed again with a new key.",
    "record_changed": "{organisation} corrected its record of your name. What you earned stands: it was signed again\n"
    "with the corrected record.",
}


class MailNotSent(ServiceError):
    """The mail server, or a mailbox, takes no mail now; what is left is sent later."""

    status = 503
    code = "mail_not_sent"


def use(runtime: Runtime | None) -> None:
    """Give the workflow of this process its tools, or take them away."""
    _runtime[:] = [runtime] if runtime else []


@DBOS.workflow(name=REISSUE_WORKFLOW)
def reissue_awards(number: str) -> None:
    """Everything that is left to do of this job."""
    reissue_step(number)


@DBOS.step(name="reissue")
def reissue_step(number: str) -> None:
    """Run again after a crash, it goes on where the rows say that it stopped."""
    run(_runtime[0], number)


def run(runtime: Runtime, number: str, progress: Callable[[Reissue], None] = lambda _: None) -> Reissue:
    """Do what is left of a job, one transaction a piece, and write to the holders.

    Raises:
        NotFound: no such job. Conflict: `no_signing_key`. KeyUnavailable: nothing can be signed now.
        MailNotSent: everything is signed; a worker goes on trying to send the mails.
    """
    while (stage := _next_piece(runtime, number)) != "done":
        progress(_job(runtime, number))
        if stage == "mails":
            _write_to_holders(runtime, number)
            with unit_of_work(runtime.sessions) as session:
                # Not if it was sent back to the beginning meanwhile, because another key was revoked.
                reissuing.finish(session, number=number, now=runtime.clock())
    job = _job(runtime, number)
    progress(job)
    return job


def _next_piece(runtime: Runtime, number: str) -> str:
    with unit_of_work(runtime.sessions) as session:
        return reissuing.work(
            session, runtime.keyring, runtime.verifier_for_own_output, runtime.addresses, number, runtime.clock()
        )


def _write_to_holders(runtime: Runtime, number: str) -> None:
    """Everybody gets their mail for whom it can be sent; one mailbox holds up nobody else."""
    mailer, organisation_id = Mailer(runtime.config), _job(runtime, number).organisation_id
    after, complete = (0, 0), True
    while found := _unannounced(runtime, organisation_id, after):
        after = (found[-1].user_id, found[-1].credential_id)
        for email, pieces in groupby(found, key=lambda each: each.email):
            badges = list(pieces)
            # Sent first and noted second: after a crash somebody may get a mail twice, and nobody gets none.
            match mailer.deliver(email, f"Your badges from {badges[0].organisation_name}", _text(runtime, badges)):
                case Delivery.AWAY:
                    raise MailNotSent("The mail server cannot be reached; the holders are written to later.")
                case Delivery.LATER if runtime.clock() - badges[0].issued_at < _GIVE_UP:
                    complete = False
                case outcome:
                    _note(runtime, number, badges, sent=outcome is Delivery.SENT)
    if not complete:
        raise MailNotSent("Some mailboxes take no mail now; their holders are written to later.")


def _unannounced(runtime: Runtime, organisation_id: int, after: tuple[int, int]) -> tuple[Announcement, ...]:
    with reading(runtime.sessions) as session:
        return reissues.unannounced(session, organisation_id, after=after, limit=_AT_ONCE)


def _note(runtime: Runtime, number: str, badges: list[Announcement], *, sent: bool) -> None:
    ids = [each.credential_id for each in badges]
    with unit_of_work(runtime.sessions) as session:
        if sent:
            reissuing.announced(session, credential_ids=ids, now=runtime.clock())
        else:
            reissuing.announced_in_vain(
                session, number=number, user_id=badges[0].user_id, credential_ids=ids, now=runtime.clock()
            )


def _text(runtime: Runtime, badges: list[Announcement]) -> str:
    """One mail for all of a holder's badges; the reason of each stands once."""
    parts = []
    for reason in dict.fromkeys(each.reason for each in badges):
        parts.append(_WHY[reason].format(organisation=badges[0].organisation_name))
        parts.extend(
            f"{each.name}\n{runtime.addresses.credential(each.number)}" for each in badges if each.reason == reason
        )
    parts.append(
        "What you have to do: if you keep copies, in a wallet, on a page or in a file, put the new ones there.\n"
        "Links to the old pages lead to the new ones. Whom you shared your badges with here has not changed."
    )
    return "Hello,\n\n" + "\n\n".join(parts) + "\n"


def _job(runtime: Runtime, number: str) -> Reissue:
    with reading(runtime.sessions) as session:
        job = reissues.by_number(session, number)
    if job is None:
        raise RuntimeError("the job has just been there")
    return job
