"""Security headers: a strict Content-Security-Policy, no framing, https where the installation has it."""

from __future__ import annotations

from flask import Flask
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


def install(app: Flask, config: Config) -> None:
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
