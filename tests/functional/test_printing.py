"""What our pages look like on paper, and that a print of a badge leads back to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.functional.conftest import Installation
from verifier.formats import scan

pytestmark = [pytest.mark.browser, pytest.mark.network]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_context().new_page()
    yield made
    made.context.close()


def printed(page: Page, path: Path) -> Path:
    page.pdf(path=path, format="A4", print_background=False)
    return path


def verify(page: Page, installation: Installation, file: Path) -> None:
    page.goto(f"{installation.address}/verify")
    page.get_by_label("Drop a badge here, or choose a file").set_input_files(file)
    page.get_by_role("button", name="Verify", exact=True).click()


def test_our_own_printed_badge_verifies(page: Page, installation: Installation, tmp_path: Path) -> None:
    """The PDF that somebody saves from the badge's page, handed to the verify page."""
    address = f"{installation.address}/credentials/{installation.credential}"
    page.goto(address)
    title = page.get_by_role("heading", level=1).inner_text()
    expect(page.locator(".on-paper")).to_be_hidden()
    paper = printed(page, tmp_path / "badge.pdf")
    assert scan.codes(paper.read_bytes()) == (address,)
    verify(page, installation, paper)
    expect(page.get_by_role("heading", level=1)).to_have_text("Verified")
    expect(page.locator(".proven").get_by_role("heading", level=2)).to_have_text(title)
    # So does the print of this result.
    result = printed(page, tmp_path / "result.pdf")
    assert scan.codes(result.read_bytes()) == (address,)
    verify(page, installation, result)
    expect(page.locator(".proven").get_by_role("heading", level=2)).to_have_text(title)


def test_the_public_address_stands_on_paper(page: Page, installation: Installation) -> None:
    page.goto(f"{installation.address}/credentials/{installation.credential}")
    page.emulate_media(media="print")
    expect(page.locator(".on-paper")).to_contain_text(f"{installation.address}/credentials/{installation.credential}")
    expect(page.locator(".on-paper svg")).to_be_visible()
    # What is true of a page as it is opened is not true of a sheet in a folder, and nothing opens there.
    assert "just now" not in page.locator("main").inner_text()
    expect(page.get_by_text("Every check, one by one")).to_be_hidden()


def test_printed_criteria_lead_back_to_them(page: Page, installation: Installation, tmp_path: Path) -> None:
    page.goto(f"{installation.address}/credentials/{installation.credential}")
    page.get_by_role("link", name="The whole rubric and the criteria").click()
    page.wait_for_url("**/criteria")
    assert scan.codes(printed(page, tmp_path / "criteria.pdf").read_bytes()) == (page.url,)


def test_a_forgery_gets_no_code(page: Page, installation: Installation, tmp_path: Path) -> None:
    document = page.request.get(f"{installation.address}/credentials/{installation.credential}.json").body()
    forged = tmp_path / "forged.json"
    forged.write_bytes(document.replace(b"A skill", b"A licence"))
    verify(page, installation, forged)
    expect(page.get_by_role("heading", level=1)).to_have_text("Not valid")
    assert scan.codes(printed(page, tmp_path / "forged.pdf").read_bytes()) == ()
