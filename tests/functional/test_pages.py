"""Every page in a real browser: nothing for axe to find, in light and in dark; nothing that sticks out on a phone; the
keyboard alone is enough."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, StorageState, ViewportSize, expect

from tests.functional.conftest import PASSWORD, Installation

pytestmark = [pytest.mark.browser, pytest.mark.network]

DESKTOP = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=360, height=740)
#: WCAG 2.2 AA and what axe holds to be good practice.
RULES = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
DISTRICT = "maple"


def pages(installation: Installation) -> dict[str, list[str]]:
    """Role ("" for a stranger) to the paths of all pages it sees."""
    badge = f"/credentials/{installation.credential}"
    skill = f"/achievements/{DISTRICT}/skill-1/v1"
    review, waiting = f"/reviews/{installation.claimed}", f"/reviews/{installation.waiting}"
    admin = f"/admin/{DISTRICT}"
    return {
        "": [
            *("/", "/catalogue", "/catalogue?q=nothing+like+this", f"/orgs/{DISTRICT}", skill, f"{skill}/criteria"),
            *("/privacy", "/sign-in", "/reset-password", "/nowhere", badge, "/verify"),
            f"/verify?url={installation.address}{badge}&lint=true",
            "/verify/codes",
            f"/embed/{installation.credential}",
            "/embed/00000000-0000-4000-8000-000000000000",
            "/verify?url=https://127.0.0.1/",
        ],
        "teacher": [
            *("/teacher", "/teacher/badges", "/account", "/account/password", badge, skill),
            *(f"/submissions/{number}" for number in (installation.draft, installation.returned)),
        ],
        "second": [f"/submissions/{installation.waiting}"],
        "coach": ["/reviews", waiting, review, f"{review}/decision/approved", f"{review}/decision/returned"],
        "admin": [
            *(
                admin,
                f"{admin}/definitions",
                f"{admin}/definitions/1",
                f"{admin}/definitions/1/retire",
                f"{admin}/import",
                f"{admin}/issued",
            ),
            *(
                f"{admin}/members",
                f"{admin}/keys",
                f"{admin}/trail",
                f"{admin}/issued/{installation.credential}/revoke",
            ),
        ],
        "agency": ["/agency"],
    }


#: Address and role to the cookies of somebody who is signed in. Each signs in once: more would meet the rate limit.
_SESSIONS: dict[tuple[str, str], StorageState] = {}


def signed_in(browser: Browser, installation: Installation, role: str, viewport: ViewportSize, scheme: str) -> Page:
    who = (installation.address, role)
    page = browser.new_context(
        viewport=viewport, color_scheme="dark" if scheme == "dark" else "light", storage_state=_SESSIONS.get(who)
    ).new_page()
    if role and who not in _SESSIONS:
        page.goto(f"{installation.address}/sign-in")
        page.get_by_label("E-mail address").fill(Installation.person(role, DISTRICT))
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        _SESSIONS[who] = page.context.storage_state()
    return page


@pytest.fixture(params=["", "teacher", "second", "coach", "admin", "agency"], ids=lambda role: role or "stranger")
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize(("scheme", "viewport"), [("light", DESKTOP), ("dark", PHONE)], ids=["light", "dark-phone"])
def test_axe_finds_nothing_and_nothing_sticks_out(
    browser: Browser, installation: Installation, role: str, scheme: str, viewport: ViewportSize
) -> None:
    page = signed_in(browser, installation, role, viewport, scheme)
    axe = Axe()
    found: list[str] = []
    for path in pages(installation)[role]:
        page.goto(installation.address + path)
        for details in page.locator("details").all():
            details.evaluate("element => { element.open = true; }")
        for violation in axe.run(page, options=RULES).response["violations"]:
            places = "; ".join(node["html"][:200] for node in violation["nodes"][:3])
            found.append(f"{path}: {violation['id']}: {violation['help']}: {places}")
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if beyond > 0:
            found.append(f"{path}: {beyond} pixels stick out")
    page.context.close()
    assert found == []


@pytest.fixture
def stranger(browser: Browser, installation: Installation) -> Iterator[Page]:
    page = signed_in(browser, installation, "", DESKTOP, "light")
    yield page
    page.context.close()


def test_the_keyboard_is_enough_to_verify(stranger: Page, installation: Installation) -> None:
    stranger.goto(f"{installation.address}/verify")
    stranger.keyboard.press("Tab")
    expect(stranger.get_by_role("link", name="Skip to the content")).to_be_focused()
    stranger.keyboard.press("Enter")
    address = stranger.get_by_label("Or paste its address")
    for _ in range(10):
        stranger.keyboard.press("Tab")
        if address.evaluate("element => element === document.activeElement"):
            break
    stranger.keyboard.type(f"{installation.address}/credentials/{installation.credential}")
    stranger.keyboard.press("Tab")
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Verified")


def test_what_is_focused_can_be_seen(stranger: Page, installation: Installation) -> None:
    stranger.goto(f"{installation.address}/sign-in")
    for _ in range(6):
        stranger.keyboard.press("Tab")
        outline = stranger.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert float(outline.removesuffix("px")) >= 2


def test_a_file_can_be_dropped(stranger: Page, installation: Installation) -> None:
    stranger.goto(f"{installation.address}/verify")
    data = stranger.evaluate_handle(
        "() => { const data = new DataTransfer();"
        " data.items.add(new File(['{}'], 'badge.json', { type: 'application/json' })); return data; }"
    )
    stranger.dispatch_event("[data-drop]", "drop", {"dataTransfer": data})
    expect(stranger.locator("main")).to_contain_text("There is no badge in this file")
