"""From a file of definitions to a revoked badge, in a real browser: once with JavaScript and once without."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from achievements import definitions
from tests.factories import PDF
from tests.functional.conftest import PASSWORD, Installation
from verifier.formats import png

pytestmark = [pytest.mark.browser, pytest.mark.network]

#: The worker looks at its queue every second; signing takes a fraction of one.
ISSUED_WITHIN = 30


class Person:
    """A browser window of one person."""

    def __init__(self, browser: Browser, installation: Installation, *, javascript: bool) -> None:
        self.address = installation.address
        self.javascript = javascript
        self.context: BrowserContext = browser.new_context(java_script_enabled=javascript, accept_downloads=True)
        self.page: Page = self.context.new_page()
        self.trouble: list[str] = []
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))

    def _note(self, kind: str, text: str) -> None:
        """A blocked script or style shows here; that a form was refused with 422 is meant."""
        if kind == "error" and "status of 422" not in text:
            self.trouble.append(text)

    def go(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self, email: str) -> Page:
        page = self.go("/sign-in")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        return page

    def press(self, name: str | re.Pattern[str]) -> None:
        """Press a button and wait for the page it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("main").get_by_role("button", name=name).first.click()

    def close(self) -> None:
        self.context.close()
        assert self.trouble == []


@pytest.mark.parametrize(("javascript", "slug"), [(True, "birch"), (False, "cedar")], ids=["script", "no-script"])
def test_the_whole_journey(
    browser: Browser, installation: Installation, tmp_path: Path, javascript: bool, slug: str
) -> None:
    def person() -> Person:
        return Person(browser, installation, javascript=javascript)

    admin, teacher, coach, stranger = person(), person(), person(), person()
    name = _import_and_publish(admin, slug, tmp_path)
    submission = _hand_in(teacher, slug, name, tmp_path)
    _review(coach, slug, name)
    credential = _share(teacher, submission)
    picture = _look_and_verify(stranger, credential, name, tmp_path)
    _revoke(admin, slug, credential)
    _see_revoked(stranger, credential, picture)
    for each in (admin, teacher, coach, stranger):
        each.close()


def _import_and_publish(admin: Person, slug: str, folder: Path) -> str:
    """The name of the microcredential that is published."""
    admin.sign_in(Installation.person("admin", slug))
    page = admin.page
    for kind, name in (
        ("A competency framework", definitions.FRAMEWORK_FILE),
        ("Microcredentials", definitions.MICROCREDENTIALS_FILE),
    ):
        path = folder / name
        path.write_bytes(definitions.raw(name))
        admin.go(f"/admin/{slug}/import")
        page.get_by_role("radio", name=kind).check()
        page.get_by_label("The file").set_input_files(path)
        admin.press("Show what would change")
        expect(page.get_by_text("Nothing has been changed yet")).to_be_visible()
        admin.press("Import it")
        expect(page.get_by_text(re.compile("^Imported: "))).to_be_visible()
    admin.go(f"/admin/{slug}/definitions")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name=re.compile("^Publish"))).first
    name = row.get_by_role("link").first.inner_text()
    row.get_by_role("link", name=re.compile("^Publish")).click()
    page.get_by_label("Yes, publish this version.").check()
    page.get_by_role("button", name=re.compile("^Publish version")).click()
    expect(page.get_by_text("Published.", exact=True)).to_be_visible()
    return name


def _hand_in(teacher: Person, slug: str, name: str, folder: Path) -> str:
    """The path of the submission."""
    teacher.sign_in(Installation.person("teacher", slug))
    page = teacher.go(f"/orgs/{slug}")
    page.get_by_role("link", name=name).click()
    teacher.press("Start working on it")
    path = page.url.removeprefix(teacher.address)
    areas = page.locator("textarea[name^=answer-]")
    for index in range(areas.count()):
        area = areas.nth(index)
        least = int(area.get_attribute("data-min") or 0)
        area.fill(" ".join(["evidence"] * max(least, 20)))
    if teacher.javascript:
        expect(page.get_by_text(re.compile(r"^Saved \d+ \w+ \d{4}, \d\d:\d\d$"))).to_be_visible(timeout=10_000)
        page.reload()
        expect(areas.first).to_have_value(re.compile("^evidence evidence"))
    teacher.press("Hand it in")
    expect(page.get_by_text("Before you can hand this in")).to_be_visible()
    expect(areas.first).to_have_value(re.compile("^evidence evidence"))
    plan = folder / "plan.pdf"
    plan.write_bytes(PDF)
    while page.locator("#faults a").count():
        key = str(page.locator("#faults a").first.get_attribute("href")).removeprefix("#part-")
        part = page.locator(f"[id='part-{key}']")
        if not part.locator("details").first.get_attribute("open") and part.locator("details[open]").count() == 0:
            part.locator("summary").last.click()
        if part.locator("input[type=file]").count():
            part.locator("input[type=file]").set_input_files(plan)
        elif part.locator("input[type=url]").count():
            part.locator("input[type=url]").fill("https://video.example/lesson")
        else:
            part.locator("textarea[name^=text-]").fill("Learner A: because the sides are the same.")
        part.get_by_role("button", name=re.compile("^Add it")).click()
        expect(part.get_by_role("button", name=re.compile("^Remove"))).to_be_visible()
        teacher.press("Hand it in")
    expect(page.get_by_text("Waiting for a reviewer")).to_be_visible()
    return path


def _review(coach: Person, slug: str, name: str) -> None:
    coach.sign_in(Installation.person("coach", slug))
    page = coach.go("/reviews")
    expect(page.get_by_role("row").filter(has_text=name)).to_be_visible()
    coach.press(re.compile("^Review it"))
    coach.press("Approve …")
    expect(page.get_by_text("The criteria are not met yet")).to_be_visible()
    page.get_by_role("link", name="Back to the rubric").click()
    expect(page.get_by_role("heading", name="The rubric")).to_be_visible()
    groups = page.locator("fieldset:has(input[name^='level-'])")
    for index in range(groups.count()):
        groups.nth(index).get_by_role("radio").first.check()
    page.get_by_label("Feedback on the whole").fill("Each answer changed what came next. Well done.")
    coach.press("Approve …")
    coach.press("Approve and issue the badge")
    expect(page.get_by_role("heading", name="Approved")).to_be_visible()
    for _ in range(ISSUED_WITHIN):
        if page.get_by_text("has been signed and given to").count():
            return
        page.wait_for_timeout(1000)
        page.reload()
    pytest.fail("the worker did not issue the badge")


def _share(teacher: Person, submission: str) -> str:
    """The path of the credential."""
    page = teacher.go(submission)
    expect(page.get_by_text("Badge issued")).to_be_visible()
    teacher.go("/teacher/badges")
    page.get_by_role("main").get_by_role("article").get_by_role("link").click()
    expect(page.get_by_text("Only you can see this page")).to_be_visible()
    teacher.press("Share this badge")
    expect(page.get_by_text("can now be seen by anyone")).to_be_visible()
    return page.url.removeprefix(teacher.address)


def _look_and_verify(stranger: Person, credential: str, name: str, folder: Path) -> Path:
    """The downloaded picture."""
    page = stranger.go(credential)
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.get_by_role("heading", name="Verified")).to_be_visible()
    expect(page.get_by_text("Nadia Haddad").first).to_be_visible()
    signed = page.request.get(f"{stranger.address}{credential}.json").body()
    picture = folder / "badge.png"
    picture.write_bytes(page.request.get(f"{stranger.address}{credential}.png").body())
    assert json.loads(signed)["id"] == stranger.address + credential
    assert png.extract(picture.read_bytes()).text == signed
    stranger.go("/verify")
    page.get_by_label("Drop a badge here").set_input_files(picture)
    stranger.press("Verify")
    expect(page.get_by_role("heading", level=1)).to_have_text("Verified")
    stranger.go("/verify")
    page.get_by_label("Or paste its address").fill(stranger.address + credential)
    stranger.press("Verify what I pasted")
    expect(page.get_by_role("heading", level=1)).to_have_text("Verified")
    return picture


def _revoke(admin: Person, slug: str, credential: str) -> None:
    page = admin.go(f"/admin/{slug}/issued")
    page.get_by_role("link", name=re.compile("^Revoke")).click()
    page.get_by_label("Reason").fill("Issued to the wrong person.")
    page.get_by_label("I understand that this cannot be undone").check()
    admin.press("Revoke the credential")
    expect(page.get_by_text("Revoked").first).to_be_visible()


def _see_revoked(stranger: Person, credential: str, picture: Path) -> None:
    page = stranger.go(credential)
    expect(page.get_by_role("heading", name="Not valid")).to_be_visible()
    stranger.go("/verify")
    page.get_by_label("Drop a badge here").set_input_files(picture)
    stranger.press("Verify")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not valid")
    expect(page.get_by_text("The issuer has revoked this credential").first).to_be_visible()
