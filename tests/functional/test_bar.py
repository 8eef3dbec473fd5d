"""The bar at the foot of a draft and of a review: always in the window, never over the field in use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.functional.conftest import Installation
from tests.functional.test_lost_text import Desk, context_field, desk, note

pytestmark = [pytest.mark.browser, pytest.mark.network]

DESKTOP = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=360, height=740)
#: Where the bar overlaps what has the focus; "" if nowhere.
COVERED = """() => {
  const [field, bar] = [document.activeElement, document.querySelector(".toolbar")];
  if (field === document.body || bar.contains(field) || field.classList.contains("aside-only")) return "";
  const [place, over] = [field.getBoundingClientRect(), bar.getBoundingClientRect()];
  return place.bottom > over.top + 1 && place.top < over.bottom ? `${field.tagName} ${field.id}` : "";
}"""


@pytest.fixture
def phone(browser: Browser, installation: Installation) -> Iterator[Desk]:
    made = desk(browser, installation, "teacher", viewport=PHONE)
    yield made
    made.context.close()


def in_window(page: Page, *places: Locator) -> bool:
    height = page.viewport_size["height"] if page.viewport_size else 0
    boxes = [place.bounding_box() for place in places]
    return all(box is not None and box["y"] >= 0 and box["y"] + box["height"] <= height for box in boxes)


def test_a_coach_saw_neither_the_buttons_nor_that_she_was_signed_out(
    browser: Browser, installation: Installation
) -> None:
    coach = desk(browser, installation, "coach", viewport=DESKTOP)
    page = coach.open(f"/reviews/{installation.claimed}")
    approve = page.get_by_role("button", name="Approve …")
    for share in (0, 0.5, 1):
        page.evaluate("share => window.scrollTo(0, share * document.documentElement.scrollHeight)", share)
        assert in_window(page, approve, note(page)), f"scrolled to {share}"
    page.evaluate("window.scrollTo(0, 0)")
    coach.end_session()
    page.get_by_label("Feedback on the whole").fill("Typed after the end.")
    signed_out = page.get_by_role("alert").filter(has_text="You are signed out")
    expect(signed_out).to_be_visible()
    sign_in = signed_out.get_by_role("link", name="Sign in")
    assert in_window(page, signed_out, sign_in)
    assert page.evaluate(COVERED) == ""
    colour = "element => getComputedStyle(element).color"
    assert sign_in.evaluate(colour) == approve.evaluate(colour), "the link is unreadable on the button"
    coach.context.close()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_bar_covered_what_the_keyboard_had_reached(
    browser: Browser, installation: Installation, viewport: ViewportSize
) -> None:
    teacher = desk(browser, installation, "teacher", viewport=viewport)
    page = teacher.open(f"/submissions/{installation.draft}")
    for details in page.locator("details").all():
        details.evaluate("element => { element.open = true; }")
    covered = []
    for _ in range(60):
        page.keyboard.press("Tab")
        covered.append(page.evaluate(COVERED))
    assert [each for each in covered if each] == []
    teacher.context.close()


def test_notices_filled_a_phone(phone: Desk, installation: Installation) -> None:
    page = phone.open(f"/submissions/{installation.draft}")
    phone.context.set_offline(True)
    context_field(page).fill("Typed on a phone.")
    expect(note(page)).to_contain_text("no connection", timeout=10_000)
    page.close()
    phone.context.set_offline(False)
    page = phone.open(f"/submissions/{installation.draft}")
    back = page.get_by_role("status").filter(has_text="Your text is back")
    expect(back).to_be_visible()
    phone.end_session()
    context_field(page).fill("Typed on a phone, and on.")
    expect(page.get_by_text("You are signed out")).to_be_visible()
    expect(back).to_be_hidden()
    bar = page.locator(".toolbar").bounding_box()
    assert bar is not None
    assert bar["height"] < 250, "a third of the window at most"
    assert page.evaluate(COVERED) == ""


def test_your_text_is_back_could_not_be_closed(phone: Desk, installation: Installation) -> None:
    page = phone.open(f"/submissions/{installation.draft}")
    page.locator("[data-add=lesson-plan]").evaluate("element => { element.open = true; }")
    page.locator("[name=about-lesson-plan]").fill("Not added yet.")
    page.reload()
    back = page.get_by_role("status").filter(has_text="Your text is back")
    back.get_by_role("button", name="Close").click()
    expect(back).to_be_hidden()
    expect(page.locator("[name=about-lesson-plan]")).to_have_value("Not added yet.")
