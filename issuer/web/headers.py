"""Security headers: a strict Content-Security-Policy, no framing, https where the installation has it."""

from __future__ import annotations

from flask import Flask, Response, g, request
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
#: The one page that other sites may show in a frame. It holds nothing to press but a link to our own page.
FRAMED = frozenset({"embed.badge"})
#: Pages that may ask for the camera, to read a QR code.
WITH_CAMERA = frozenset({"verify.page", "verify.check"})
_PERMISSIONS = {"geolocation": "()", "microphone": "()", "browsing-topics": "()"}


#: For a result that shows a picture out of the credential itself, which a recognised issuer has signed.
WITH_SIGNED_PICTURE = "; ".join(f"{name} {value}" for name, value in {**POLICY, "img-src": "'self' data:"}.items())
#: For what somebody uploaded: no script in it runs, whatever a browser takes it for.
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
#: Browsers show no PDF in a sandbox. What is sent as PDF is one by its content, and `nosniff` keeps it one.
PDF = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'"


def install(app: Flask, config: Config) -> None:
    # Asked for first, so that it comes after Talisman's: the last to be asked for is the first to run.
    app.after_request(_exceptions)
    Talisman(
        app,
        force_https=config.secure,
        strict_transport_security=config.secure,
        session_cookie_secure=config.secure,
        session_cookie_samesite="Lax",
        frame_options="DENY",
        content_security_policy=POLICY,
        referrer_policy="strict-origin-when-cross-origin",
        permissions_policy={**_PERMISSIONS, "camera": "()"},
    )


def _exceptions(answer: Response) -> Response:
    if "content_policy" in g:
        answer.headers["Content-Security-Policy"] = g.content_policy
    if request.endpoint in WITH_CAMERA:
        permissions = {**_PERMISSIONS, "camera": "(self)"}
        answer.headers["Permissions-Policy"] = ", ".join(f"{name}={value}" for name, value in permissions.items())
    if request.endpoint in FRAMED and answer.status_code in (200, 404):
        policy = {**POLICY, "frame-ancestors": "*"}
        answer.headers["Content-Security-Policy"] = "; ".join(f"{name} {value}" for name, value in policy.items())
        del answer.headers["X-Frame-Options"]
    return answer
