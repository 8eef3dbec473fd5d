"""From somebody else's badge to the catalogue in a real browser: by a file and by a rubric, with script and without."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.functional.conftest import Installation
from tests.functional.test_journey import Person
from tests.functional.test_pages import PHONE, RULES
from tests.integration.test_completing import badge, completion, package

pytestmark = [pytest.mark.browser, pytest.mark.network]


def _import(admin: Person, slug: str, kind: str, document: object, folder: Path) -> None:
    path = folder / "file.json"
    path.write_text(json.dumps(document))
    page = admin.go(f"/admin/{slug}/import")
    page.get_by_role("radio", name=kind).check()
    page.get_by_label("The file").set_input_files(path)
    admin.press("Show what would change")
    if admin.javascript:
        _require_accessible(admin)
    admin.press("Import it")
    expect(page.get_by_text(re.compile("^Imported: "))).to_be_visible()


def _publish(admin: Person) -> None:
    page = admin.page
    page.get_by_role("link", name="Publish", exact=True).click()
    if admin.javascript:
        _require_accessible(admin)
    page.get_by_label("Yes, publish this version.").check()
    admin.press("Publish version 1")


def _require_accessible(person: Person) -> None:
    """Nothing for axe to find on the page that is open, and nothing that sticks out on a phone."""
    for details in person.page.locator("details").all():
        details.evaluate("element => { element.open = true; }")
    found = Axe().run(person.page, options=RULES).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
    before = person.page.viewport_size
    person.page.set_viewport_size(PHONE)
    assert person.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert before is not None
    person.page.set_viewport_size(before)


@pytest.mark.parametrize(("javascript", "slug"), [(True, "birch"), (False, "cedar")], ids=["script", "no-script"])
def test_an_imported_badge_ended_in_a_dead_end(
    browser: Browser, installation: Installation, tmp_path: Path, javascript: bool, slug: str
) -> None:
    admin = Person(browser, installation, javascript=javascript)
    admin.sign_in(Installation.person("admin", slug))
    page = admin.page
    _import(admin, slug, "Microcredentials", badge("1", name="Robots by file"), tmp_path)
    expect(page.get_by_text("The rubric is missing")).to_be_visible()
    if javascript:
        _require_accessible(admin)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download as our definition format").click()
    edited = json.loads(waiting.value.path().read_text("utf-8"))
    edited["microcredentials"][0].update(completion("robots-by-file")["microcredentials"][0])
    _import(admin, slug, "Microcredentials", edited, tmp_path)
    _publish(admin)
    expect(page.get_by_text("Published.", exact=True)).to_be_visible()

    _import(admin, slug, "A competency framework", package(), tmp_path)
    _import(admin, slug, "Microcredentials", badge("2", name="Robots by rubric"), tmp_path)
    page.get_by_role("link", name="Use the rubric of a framework").click()
    expect(page.get_by_label("For which microcredential?")).to_have_value("robots-by-rubric")
    page.get_by_label("Which rubric?").select_option(label="Robots at work (1 criterion)")
    admin.press("Show what would change with this rubric")
    expect(page.get_by_text("Complete: it can be published.")).to_be_visible()
    if javascript:
        _require_accessible(admin)
    admin.press("Import it")
    _publish(admin)
    admin.go("/catalogue?q=robots+by")
    for name in ("Robots by file", "Robots by rubric"):
        expect(page.get_by_role("link", name=name).first).to_be_visible()

    admin.go(f"/admin/{slug}/definitions")
    page.get_by_role("link", name=re.compile("^Retire Robots by file")).click()
    expect(page.get_by_text("Nobody is working on it now.")).to_be_visible()
    page.get_by_label("Yes, retire this version.").check()
    admin.press("Retire version 1")
    expect(page.get_by_text("Retired. What was awarded stays valid.")).to_be_visible()
    admin.close()
