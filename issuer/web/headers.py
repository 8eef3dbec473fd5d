"""Security headers: a strict Content-Security-Policy, no framing, https where the installation has it."""

from __future__ import annotations

from flask import Flask, Response, g
from flask_talisman import Talisman

from issuer.config import Config

#: Everything comes from our own address; nothing inline, nothing framed. Pictures of evidence are ours, too.
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "media-src": "'self'",
    "form-action": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


#: For what somebody uploaded: no script in it runs, whatever a browser takes it for.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
#: Browsers show no PDF in a sandbox. What is sent as PDF is one by its content, and `nosniff` keeps it one.
PDF = "default-src 'none'; object-src 'self'"


def install(app: Flask, config: Config) -> None:
    @app.after_request
    def _policy_of_this_answer(answer: Response) -> Response:
        # Registered before Talisman, so that it runs after it.
        if "content_policy" in g:
            answer.headers["Content-Security-Policy"] = g.content_policy
        return answer

    Talisman(
        app,
        force_https=config.secure,
        strict_transport_security=config.secure,
        session_cookie_secure=config.secure,
        session_cookie_samesite="Lax",
        frame_options="DENY",
        content_security_policy=POLICY,
        referrer_policy="strict-origin-when-cross-origin",
        permissions_policy={"geolocation": "()", "microphone": "()", "browsing-topics": "()"},
    )
