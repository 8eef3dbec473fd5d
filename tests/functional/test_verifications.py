"""An agency has a file verified, in a real browser and by the real worker, and takes answers and receipt along."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.functional.conftest import Installation
from tests.functional.test_pages import DESKTOP, PHONE, RULES, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.network]


def nothing_for_axe(page: Page) -> None:
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


@pytest.mark.parametrize(("scheme", "viewport"), [("light", DESKTOP), ("dark", PHONE)], ids=["light", "dark-phone"])
def test_a_file_is_verified(browser: Browser, installation: Installation, tmp_path: Path, scheme, viewport) -> None:
    page = signed_in(browser, installation, "agency", viewport, scheme)
    page.goto(f"{installation.address}/verifications")
    nothing_for_axe(page)
    text = f"name,url\nNadia,{installation.address}/credentials/{installation.credential}\nAda,urn:uuid:1\n"
    page.get_by_label("The file").set_input_files(
        {"name": "teachers.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name="Verify them").click()
    expect(page.get_by_role("heading", name="teachers.csv")).to_be_visible()
    again = page.get_by_role("link", name="See how far it is")
    for _ in range(60):
        if not again.is_visible():
            break
        nothing_for_axe(page)
        page.wait_for_timeout(500)
        again.click()
    expect(page.get_by_text("Done", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name="This is no address")).to_be_visible()
    nothing_for_axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    with page.expect_download() as answers:
        page.get_by_role("link", name="Download the answers").click()
    lines = Path(answers.value.path()).read_text().splitlines()
    assert [line.split(",")[2] for line in lines[1:]] == ["verified", "undetermined"]
    with page.expect_download() as receipt:
        page.get_by_role("link", name="Download the signed receipt").click()
    document = json.loads(Path(receipt.value.path()).read_text())
    assert document["credentialSubject"]["counts"]["total"] == 2
    page.context.close()
