"""Members of a district: inviting and being invited, and removing a role after a look at what goes with it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from issuer.errors import Conflict, ServiceError
from issuer.models import MemberInvitation, Organisation
from issuer.queries import members as people
from issuer.services import accounts, invitations, notices
from issuer.web.current import (
    actor,
    asked_number,
    changing,
    fresh_sign_in,
    looking,
    organisation,
    person,
    runtime,
    sent_number,
    signed_in,
)
from issuer.web.security import password_link

pages = Blueprint("members", __name__)


@pages.get("/admin/<slug>/members")
@signed_in
def overview(slug: str) -> str:
    return _overview(organisation(slug, "admin"))


@pages.post("/admin/<slug>/members")
@fresh_sign_in
def add(slug: str) -> ResponseReturnValue:
    here = organisation(slug, "admin")
    form = request.form
    try:
        with changing() as session:
            done = invitations.invite(
                session,
                organisation_id=here.id,
                email=form.get("email", ""),
                name=form.get("name", ""),
                role=form.get("role", ""),
                actor=actor(),
                now=runtime().clock(),
            )
            notice = _notice(done.invitation) if done.invitation is not None else None
            name = done.member.user.name or done.member.user.email if done.member is not None else ""
    except ServiceError as error:
        if error.status in (403, 404):
            raise
        return _overview(here, error, form.to_dict()), error.status
    if notice is not None:
        g.mailer.send(*notice)
        flash(f"Invited: {notice.recipient}. They belong here once they accept.", "good")
    else:
        flash(f"{name} has the role now.", "good")
    return redirect(url_for("members.overview", slug=slug))


@pages.post("/admin/<slug>/invitations/<number>/send")
@signed_in
def send_again(slug: str, number: str) -> ResponseReturnValue:
    here = organisation(slug, "admin")
    try:
        with changing() as session:
            found = invitations.send_again(
                session, organisation_id=here.id, number=number, actor=actor(), now=runtime().clock()
            )
            notice = _notice(found)
    except ServiceError as error:
        if error.status in (403, 404):
            raise
        return _overview(here, error), error.status
    g.mailer.send(*notice)
    flash("The mail has been sent again.", "good")
    return redirect(url_for("members.overview", slug=slug))


@pages.post("/admin/<slug>/invitations/<number>/withdraw")
@signed_in
def withdraw(slug: str, number: str) -> ResponseReturnValue:
    here = organisation(slug, "admin")
    try:
        with changing() as session:
            invitations.withdraw(session, organisation_id=here.id, number=number, actor=actor(), now=runtime().clock())
    except ServiceError as error:
        if error.status in (403, 404):
            raise
        return _overview(here, error), error.status
    flash("The invitation has been withdrawn.", "good")
    return redirect(url_for("members.overview", slug=slug))


@pages.post("/account/invitations/<number>/<any(accept,decline):answer>")
@fresh_sign_in(when=lambda: (request.view_args or {}).get("answer") == "accept")
def answer(number: str, answer: str) -> ResponseReturnValue:
    """The invited person's own word."""
    reply = invitations.accept if answer == "accept" else invitations.decline
    try:
        with changing() as session:
            found = reply(session, number=number, actor=actor(), now=runtime().clock())
            place = found.organisation.name
    except Conflict as error:
        flash(error.message, "bad")
    else:
        flash(f"You belong to {place} now." if answer == "accept" else "You have declined the invitation.", "good")
    return redirect(url_for("accounts.profile"))


@pages.get("/admin/<slug>/members/remove")
@signed_in
def ask_before_removing(slug: str) -> str:
    here = organisation(slug, "admin")
    return _removal(here, asked_number("user") or 0, request.args.get("role", ""))


@pages.post("/admin/<slug>/members/remove")
@fresh_sign_in
def remove(slug: str) -> ResponseReturnValue:
    here = organisation(slug, "admin")
    user_id, role = sent_number("user", 0), request.form.get("role", "")
    if request.form.get("sure") != "yes":
        return _removal(here, user_id, role), 422
    try:
        with changing() as session:
            ended = accounts.remove_member(
                session, user_id=user_id, organisation_id=here.id, role=role, actor=actor(), now=runtime().clock()
            )
    except ServiceError as error:
        if error.status in (403, 404):
            raise
        return _overview(here, error), error.status
    keys = f" API keys that ended with it: {', '.join(key.name for key in ended)}." if ended else ""
    flash(f"The role has been taken away.{keys}", "good")
    if user_id == person().id and role == "admin":
        # The members are no longer theirs to see.
        return redirect(url_for("accounts.profile"))
    return redirect(url_for("members.overview", slug=slug))


def _notice(invitation: MemberInvitation) -> notices.Notice:
    # Made in any case: how long the answer takes must not say whether there was an account.
    link = password_link(invitation.user)
    return notices.invited(invitation, runtime().addresses, "" if invitation.user.password else link)


def _overview(here: Organisation, error: ServiceError | None = None, typed: Mapping[str, str] | None = None) -> str:
    with looking() as session:
        found = people.of_organisation(session, here.id)
        waiting = people.invitations(session, here.id)
    return render_template(
        "admin/members.html",
        organisation=here,
        members=found,
        invitations=waiting,
        now=runtime().clock(),
        error=error,
        typed=typed or {},
    )


def _removal(here: Organisation, user_id: int, role: str) -> str:
    with looking() as session:
        found = people.removal(session, organisation_id=here.id, user_id=user_id, role=role, now=runtime().clock())
    return render_template("admin/member_remove.html", organisation=here, removal=found, myself=user_id == person().id)
