"""The badge that other sites show: its live status in a small frame, for credentials that their holders share.

Whoever looks at it is a stranger, even if signed in here: no cookie is read for the answer and none is set, and nothing
is counted but the verdict. `docs/embedding.md` says how a site uses it.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from issuer.errors import NotFound
from issuer.queries import credentials as queries
from issuer.services import sharing
from issuer.web.counters import count
from issuer.web.current import looking, runtime
from issuer.web.limits import EMBED, limiter
from issuer.web.trust import policy

pages = Blueprint("embed", __name__)

#: Seconds for which a browser may show the same answer again.
_FRESH = 60


@pages.get("/embed.js")
def script() -> Response:
    """The script of `docs/embedding.md`. It lies at an address that never changes."""
    answer = current_app.send_static_file("embed.js")
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


@pages.get("/embed/<number>")
@limiter.limit(EMBED)
def badge(number: str) -> ResponseReturnValue:
    """The status of a shared credential, for a frame on another site."""
    try:
        with looking() as session:
            # A frame that was set up for one that was replaced shows the one that counts now.
            credential = queries.current_of(session, sharing.public_credential(session, number, None))
            version = credential.submission.version
            name, organisation = version.name, version.achievement.organisation.name
            document, found = credential.document, policy(session)
    except NotFound:
        # In a frame there is nobody to go back: a line that says so, in the same look.
        return _answer(render_template("verify/embed.html", report=None), 404)
    report = runtime().verifier.verify(document, found, now=runtime().clock())
    count("embed", report)
    address = url_for("credentials.show", number=credential.number)
    return _answer(
        render_template("verify/embed.html", report=report, name=name, organisation=organisation, address=address)
    )


def _answer(page: str, status: int = 200) -> Response:
    answer = Response(page, status, mimetype="text/html")
    answer.headers["Cache-Control"] = f"public, max-age={_FRESH}"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
