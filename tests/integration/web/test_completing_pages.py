"""From somebody else's badge to the catalogue in the browser, by a file and by a framework's rubric; retiring asks."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from flask import Flask

from issuer.db import reading
from issuer.models import AchievementVersion, Credential, Submission
from issuer.runtime import Runtime
from tests.integration.conftest import District
from tests.integration.test_completing import RUBRIC, badge, completion, package
from tests.integration.web.conftest import Browser
from tests.integration.web.test_admin_pages import dry_run

ADMIN = "/admin/lakeside"


def take(admin: Browser, kind: str, document: Any) -> tuple[str, str]:
    """The page of the dry run, and where the import then leads."""
    page, ticket = dry_run(admin, kind, json.dumps(document).encode())
    done = admin.post(f"{ADMIN}/import/confirm", {"ticket": ticket})
    assert done.status_code == 302, done.text
    return html.unescape(page), done.location


def test_an_imported_badge_is_completed_by_its_file_and_published(admin: Browser, stranger: Browser) -> None:
    page, draft = take(admin, "definitions", badge())
    assert "Still missing before it can be published" in page
    assert re.fullmatch(rf"{ADMIN}/definitions/\d+", draft)
    shown = admin.get(draft).text
    assert "The rubric is missing" in shown
    assert "No evidence is asked for" in shown
    assert '<span class="mono">robotics</span>' in shown
    assert "The rubric is missing" in admin.get(f"{ADMIN}/definitions").text
    refused = admin.post(f"{draft}/publish", {"sure": "yes"})
    assert refused.status_code == 422
    assert "The rubric is missing" in refused.text
    assert "No evidence is asked for" in refused.text

    answer = admin.get(f"{draft}/file")
    assert answer.headers["Content-Disposition"] == "attachment; filename=robotics.json"
    edited = json.loads(answer.data)
    (said,) = edited["microcredentials"]
    assert said["rubric"]["criteria"] == []
    said.update(completion()["microcredentials"][0])
    page, draft = take(admin, "definitions", edited)
    assert "3 fields would change" in page
    assert "Complete: it can be published." in page
    assert admin.post(f"{draft}/publish", {"sure": "yes"}).status_code == 302
    assert "Robotics" in stranger.get("/catalogue").text


def test_an_imported_badge_is_completed_by_a_framework_rubric_and_published(
    admin: Browser, stranger: Browser, runtime: Runtime
) -> None:
    assert "None of your frameworks has a rubric" in admin.get(f"{ADMIN}/import").text
    take(admin, "framework", package())
    take(admin, "definitions", badge())
    form = admin.get(f"{ADMIN}/import?key=robotics").text
    assert f'value="{RUBRIC}"' in form
    assert '<option value="robotics" selected>' in form
    chosen = {"rubric": RUBRIC, "key": "robotics", "name": "", "required_level": "Fair"}
    page = admin.post(f"{ADMIN}/import/rubric", chosen).text
    assert "It finds its way: Poor, Fair, Good" in page
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)
    assert ticket is not None
    done = admin.post(f"{ADMIN}/import/confirm", {"ticket": ticket[1]})
    assert admin.post(f"{done.location}/publish", {"sure": "yes"}).status_code == 302
    assert "Robotics" in stranger.get("/catalogue").text
    with reading(runtime.sessions) as session:
        version = session.get_one(AchievementVersion, int(done.location.rpartition("/")[2]))
        levels = version.body["rubric"]["criteria"][0]["levels"]
    assert [(each["id"], each.get("passing", False)) for each in levels] == [
        (f"{RUBRIC}/poor", False),
        (f"{RUBRIC}/fair", True),
        (f"{RUBRIC}/good", True),
    ]


def test_confirming_a_new_one_twice_makes_one(admin: Browser) -> None:
    take(admin, "framework", package())
    page = admin.post(f"{ADMIN}/import/rubric", {"rubric": RUBRIC, "key": "", "name": "Robots at work"}).text
    ticket = re.search(r'name="ticket" value="([^"]+)"', page)
    assert ticket is not None
    first, second = (admin.post(f"{ADMIN}/import/confirm", {"ticket": ticket[1]}) for _ in range(2))
    assert first.location == second.location
    nothing = admin.post(f"{ADMIN}/import/rubric", {"rubric": RUBRIC})
    assert (nothing.status_code, "name a new one" in nothing.text) == (422, True)


def test_a_draft_as_a_file_is_for_admins_of_the_district(
    app: Flask, admin: Browser, teacher: Browser, neighbour: Browser, district: District
) -> None:
    path = f"{ADMIN}/definitions/{district.version.id}"
    for other in (teacher, neighbour):
        assert other.get(f"{path}/file").status_code == 403
        assert other.get(f"{path}/retire").status_code == 403
        assert other.post(f"{ADMIN}/import/rubric", {"rubric": RUBRIC, "name": "x"}).status_code == 403
    for rest in ("/file", "/retire"):
        assert neighbour.get(f"/admin/hillside/definitions/{district.version.id}{rest}").status_code == 404


def test_retiring_was_done_by_one_press_without_saying_whom_it_concerns(
    admin: Browser, district: District, draft: Submission, credential: Credential, runtime: Runtime
) -> None:
    path = f"{ADMIN}/definitions/{district.version.id}/retire"
    page = admin.get(path).text
    assert "1 badge stays valid" in page
    assert f'href="{path}"' in admin.get(f"{ADMIN}/definitions").text
    assert admin.post(path).status_code == 422
    with reading(runtime.sessions) as session:
        assert session.get_one(AchievementVersion, district.version.id).status == "published"
    assert admin.post(path, {"sure": "yes"}).status_code == 302
    assert "was retired on" in admin.get(path).text
    assert admin.post(path, {"sure": "yes"}).status_code == 409


def test_retiring_says_how_many_are_at_work(admin: Browser, district: District, draft: Submission) -> None:
    page = admin.get(f"{ADMIN}/definitions/{district.version.id}/retire").text
    assert "1 teacher is working on it" in page
    assert "Nothing is waiting for a review" in page


def test_retiring_says_how_many_are_at_work_and_wait(admin: Browser, district: District, waiting: Submission) -> None:
    page = admin.get(f"{ADMIN}/definitions/{district.version.id}/retire").text
    assert "1 submission waits for a review" in page
    assert "Nobody is working on it now" in page
    assert "No badge has been awarded" in page


def test_an_alignment_led_to_a_framework_server_that_nobody_runs(app: Flask, admin: Browser, stranger: Browser) -> None:
    item = "https://frameworks.example.org/items/r1"
    take(admin, "framework", package())
    _, draft = take(admin, "definitions", completion(name="Robots", description="Builds robots.", alignment=[item]))
    admin.post(f"{draft}/publish", {"sure": "yes"})
    for page in ("/achievements/lakeside/robotics/v1", "/achievements/lakeside/robotics/v1/criteria"):
        found = re.search(r'href="(/orgs/lakeside/frameworks/\d+)#(c-[0-9a-f]{16})"', stranger.get(page).text)
        assert found is not None
        assert f'<li id="{found[2]}">' in stranger.get(found[1]).text
    signed = json.loads(stranger.get("/achievements/lakeside/robotics/v1", headers={"Accept": "application/json"}).data)
    assert signed["alignment"][0]["targetUrl"] == item
