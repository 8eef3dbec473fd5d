"""An administrator's pages for what the district has on record of people: the names that badges state."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from issuer.errors import NotFound, ServiceError
from issuer.models import MemberRecord, Organisation, User
from issuer.queries import members as people
from issuer.queries import records as queries
from issuer.queries import reissues
from issuer.services import member_records, reissuing
from issuer.web.current import actor, changing, fresh_sign_in, looking, organisation, runtime, signed_in

pages = Blueprint("records", __name__)


@pages.get("/admin/<slug>/records")
@signed_in
def overview(slug: str) -> str:
    here = organisation(slug, "admin")
    with looking() as session:
        found = queries.records_of(session, here.id)
        listed = {member.user.id: member.user for member in people.of_organisation(session, here.id)}
        for record in found.values():
            listed.setdefault(record.user_id, record.user)
        users = sorted(listed.values(), key=lambda each: (_name_of(each, found).casefold(), each.email))
        return render_template("admin/records.html", organisation=here, users=users, records=found)


@pages.post("/admin/<slug>/records/educator-ids")
@fresh_sign_in
def educator_ids(slug: str) -> ResponseReturnValue:
    here = organisation(slug, "admin")
    signed = request.form.get("signed") == "yes"
    with changing() as session:
        member_records.set_educator_ids(
            session, organisation_id=here.id, signed=signed, actor=actor(), now=runtime().clock()
        )
    flash("New badges carry a hash of the educator id." if signed else "New badges carry no educator id.", "good")
    return redirect(url_for("records.overview", slug=slug))


@pages.route("/admin/<slug>/records/<int:user_id>", methods=["GET", "POST"])
@fresh_sign_in
def record(slug: str, user_id: int) -> ResponseReturnValue:
    """One person's record, and the badges that say something else."""
    here = organisation(slug, "admin")
    if request.method == "POST":
        try:
            with changing() as session:
                member_records.set_record(
                    session,
                    organisation_id=here.id,
                    user_id=user_id,
                    name=request.form.get("name", ""),
                    educator_id=request.form.get("educator_id", ""),
                    actor=actor(),
                    now=runtime().clock(),
                )
        except ServiceError as error:
            if error.status in (403, 404):
                raise
            return _record(here, user_id, error), error.status
        flash("The record is saved. Badges that are out keep what they say until they are signed again.", "good")
        return redirect(url_for("records.record", slug=slug, user_id=user_id))
    return _record(here, user_id)


@pages.post("/admin/<slug>/records/<int:user_id>/reissue")
@fresh_sign_in
def reissue(slug: str, user_id: int) -> ResponseReturnValue:
    """Hand it to the workers."""
    here = organisation(slug, "admin")
    try:
        with changing() as session:
            job = reissuing.start_for_person(
                session, organisation_id=here.id, user_id=user_id, actor=actor(), now=runtime().clock()
            )
            number = job.number if job else ""
    except ServiceError as error:
        if error.status in (403, 404):
            raise
        return _record(here, user_id, error), error.status
    if number:
        runtime().enqueue.reissue(number)
    flash("It begins within a minute." if number else "There is nothing to sign again.", "good")
    return redirect(url_for("records.record", slug=slug, user_id=user_id))


def _record(here: Organisation, user_id: int, error: ServiceError | None = None) -> str:
    with looking() as session:
        found = queries.record_of(session, here.id, user_id)
        user = session.get(User, user_id)
        if user is None or (found is None and not queries.belongs(session, here.id, user_id)):
            raise NotFound("There is no such person here.")
        return render_template(
            "admin/record.html",
            organisation=here,
            user=user,
            record=found,
            job=reissues.open_for_person(session, here.id, user_id),
            outdated=queries.outdated(session, here.id, user_id, runtime().clock()),
            typed=request.form.to_dict() if error else {},
            error=error,
        )


def _name_of(user: User, records: Mapping[int, MemberRecord]) -> str:
    return records[user.id].name if user.id in records else user.name
