"""No form of ours can be sent by another site."""

from __future__ import annotations

import re

from flask import Flask

from tests.integration.conftest import District
from tests.integration.web.conftest import Browser

#: Programs with keys or without any session: nothing there acts for whoever is signed in.
_FOR_PROGRAMS = ("/api/", "/vc-api/")


def test_every_form_is_refused_without_its_token(app: Flask, district: District) -> None:
    browser = Browser(app, district.admin)
    seen = 0
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.rule.startswith(_FOR_PROGRAMS):
            continue
        path = re.sub(r"<(?:int:)[^>]+>", "1", rule.rule)
        path = re.sub(r"<any\(([a-z]+)[^>]*>", r"\1", path)
        path = re.sub(r"<[^>]+>", "lakeside", path)
        answer = browser.client.post(path, data={"do": "save"})
        assert answer.status_code == 400, path
        assert "form_expired" in answer.text or "CSRF" in answer.text, path
        seen += 1
    assert seen > 15


def test_a_token_of_another_session_is_refused(teacher: Browser, stranger: Browser) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', stranger.get("/verify").text)
    assert token is not None
    teacher.get("/verify")
    answer = teacher.client.post("/account", data={"name": "Somebody else", "csrf_token": token[1]})
    assert answer.status_code == 400
    assert "what you typed is still there" in answer.text
