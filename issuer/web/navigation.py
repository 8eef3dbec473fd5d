"""The row of links at the top: what this person can do here."""

from __future__ import annotations

from flask import Flask, current_app, request, url_for
from flask_security import current_user

from issuer.web.current import holds_badges, roles


def links() -> list[tuple[str, str, bool]]:
    """(label, address, whether the page shown lies there)."""
    entries = [("Catalogue", "public.catalogue"), ("Verify", "verify.page")]
    if current_user.is_authenticated:
        held = roles()
        if "teacher" in held:
            entries.append(("My work", "teacher.home"))
        if holds_badges():
            entries.append(("My badges", "teacher.badges"))
        if "coach" in held:
            entries.append(("Reviews", "coach.queue"))
        if "admin" in held:
            entries.append(("Administration", "admin.start"))
        if "agency" in held:
            entries += [("Issued credentials", "agency.credentials"), ("Verify many", "bulk.overview")]
        entries.append(("Account", "accounts.profile"))
    else:
        entries.append(("Sign in", "security.login"))
    addresses = [(label, url_for(endpoint)) for label, endpoint in entries if has_page(endpoint)]
    # My badges lie below the address of my work: of two that fit, the longer one is meant.
    here = max((address for _, address in addresses if _lies_at(address)), key=len, default="")
    return [(label, address, address == here) for label, address in addresses]


def _lies_at(address: str) -> bool:
    return request.path == address or request.path.startswith(address + "/")


def has_page(endpoint: str) -> bool:
    """Whether this installation has that page (parts of the API can be switched off)."""
    return endpoint in current_app.view_functions


def install(app: Flask) -> None:
    app.jinja_env.globals.update(navigation=links, has_page=has_page)
