"""Nothing that was typed is lost, in a real browser: each test is named after a way in which it used to be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, StorageState, expect

from tests.factories import PDF
from tests.functional.conftest import PASSWORD, Installation

pytestmark = [pytest.mark.browser, pytest.mark.network]

_SESSIONS: dict[tuple[str, str], StorageState] = {}
SAVED = re.compile(r"^Saved \d+ [A-Z]\w+ 2\d{3}, \d\d:\d\d$")


@dataclass
class Desk:
    """One browser of one person, whose cookies tests may take away."""

    context: BrowserContext
    address: str

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.goto(self.address + path)
        return page

    def sign_in(self, email: str, path: str = "") -> Page:
        page = self.open("/sign-in")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        if path:
            page.goto(self.address + path)
        return page

    def end_session(self) -> None:
        """The session is gone, as after a sign-out elsewhere or the server's own end of it."""
        self.context.clear_cookies()


def desk(browser: Browser, installation: Installation, role: str, **kwargs: object) -> Desk:
    """Signed in. Each person signs in once: more would meet the rate limit."""
    who = (installation.address, role)
    if who not in _SESSIONS:
        first = Desk(browser.new_context(), installation.address)
        first.sign_in(Installation.person(role, "maple"))
        _SESSIONS[who] = first.context.storage_state()
        first.context.close()
    return Desk(browser.new_context(storage_state=_SESSIONS[who], **kwargs), installation.address)  # type: ignore[arg-type]


@pytest.fixture
def teacher(browser: Browser, installation: Installation) -> Iterator[Desk]:
    made = desk(browser, installation, "teacher")
    yield made
    made.context.close()


@pytest.fixture
def draft(teacher: Desk, installation: Installation) -> Page:
    page = teacher.open(f"/submissions/{installation.draft}")
    expect(context_field(page)).to_be_visible()
    return page


def context_field(page: Page):  # type: ignore[no-untyped-def]
    return page.locator("textarea[name=answer-context]")


def note(page: Page):  # type: ignore[no-untyped-def]
    return page.locator("[data-saved]")


def stored(desk: Desk, path: str, text: str) -> bool:
    """The server has it: read by a request of its own, without the page's script."""
    return text in desk.context.request.get(desk.address + path).text()


def kept(page: Page) -> str:
    """Everything that this browser keeps for this site."""
    return str(page.evaluate("JSON.stringify(localStorage)"))


def test_text_typed_after_the_session_ended_in_another_tab(
    teacher: Desk, draft: Page, installation: Installation
) -> None:
    other = teacher.open("/teacher")
    _SESSIONS.clear()
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("navigation", name="Main").get_by_role("link", name="Sign in")).to_be_visible()
    context_field(draft).fill("Typed after the end of the session.")
    expect(draft.get_by_text("You are signed out")).to_be_visible()
    assert "Typed after the end of the session." in kept(draft)
    other = teacher.sign_in(Installation.person("teacher", "maple"))
    expect(other.get_by_role("button", name="Sign out")).to_be_visible()
    # No reload, no click: the first page goes on by itself.
    expect(note(draft)).to_have_text(SAVED, timeout=15_000)
    expect(draft.get_by_text("You are signed out")).to_be_hidden()
    assert stored(teacher, f"/submissions/{installation.draft}", "Typed after the end of the session.")
    assert "Typed after the end of the session." not in kept(draft)
    context_field(draft).fill("And it goes on saving.")
    expect(note(draft)).to_have_text("Not saved yet")
    expect(note(draft)).to_have_text(SAVED, timeout=15_000)


def test_text_typed_without_a_network_and_the_window_closed(
    teacher: Desk, draft: Page, installation: Installation
) -> None:
    teacher.context.set_offline(True)
    context_field(draft).fill("Typed in the train.")
    expect(note(draft)).to_contain_text("no connection", timeout=10_000)
    draft.close()
    teacher.context.set_offline(False)
    again = teacher.open(f"/submissions/{installation.draft}")
    expect(context_field(again)).to_have_value("Typed in the train.")
    expect(again.get_by_text("Your text is back")).to_be_visible()
    expect(note(again)).to_have_text(SAVED, timeout=15_000)
    assert stored(teacher, f"/submissions/{installation.draft}", "Typed in the train.")


def test_the_network_comes_back_and_the_text_is_sent_by_itself(
    teacher: Desk, draft: Page, installation: Installation
) -> None:
    teacher.context.set_offline(True)
    context_field(draft).fill("Typed in a tunnel.")
    expect(note(draft)).to_contain_text("no connection", timeout=10_000)
    draft.get_by_role("button", name="Hand it in").click()
    expect(note(draft)).to_contain_text("No connection")
    expect(context_field(draft)).to_have_value("Typed in a tunnel.")
    teacher.context.set_offline(False)
    expect(note(draft)).to_have_text(SAVED, timeout=15_000)
    assert stored(teacher, f"/submissions/{installation.draft}", "Typed in a tunnel.")


def test_text_never_appears_under_another_account(
    browser: Browser, teacher: Desk, draft: Page, installation: Installation
) -> None:
    teacher.end_session()
    context_field(draft).fill("Meant for one account alone.")
    expect(draft.get_by_text("You are signed out")).to_be_visible()
    other = teacher.sign_in(Installation.person("second", "maple"))
    expect(draft.get_by_text("Somebody else is signed in now")).to_be_visible(timeout=10_000)
    expect(note(draft)).not_to_have_text(SAVED)
    assert other.goto(f"{installation.address}/submissions/{installation.draft}").status == 404  # type: ignore[union-attr]
    # The second teacher's own work on another page of the same browser: nothing of the first one's is in it.
    other.goto(f"{installation.address}/submissions/{installation.waiting}")
    expect(other.get_by_role("heading", level=1)).to_be_visible()
    assert "Meant for one account alone." not in other.content()


def test_two_windows_with_different_texts(teacher: Desk, draft: Page, installation: Installation) -> None:
    second = teacher.open(f"/submissions/{installation.draft}")
    context_field(draft).fill("From the first window.")
    expect(note(draft)).to_have_text(SAVED, timeout=10_000)
    context_field(second).fill("From the second window.")
    place = second.locator("[data-version-of=answer-context]")
    expect(place.locator("[data-mine]")).to_have_text("From the second window.", timeout=10_000)
    expect(place.locator("[data-theirs]")).to_have_text("From the first window.")
    mine, theirs = place.locator("[data-mine]").bounding_box(), place.locator("[data-theirs]").bounding_box()
    assert mine is not None
    assert theirs is not None
    assert abs(mine["y"] - theirs["y"]) < 2, "side by side"
    assert stored(teacher, f"/submissions/{installation.draft}", "From the first window.")
    place.get_by_label("Keep both, one after the other").click()
    expect(context_field(second)).to_have_value("From the second window.\n\nFrom the first window.")
    expect(note(second)).to_have_text(SAVED, timeout=10_000)
    assert stored(teacher, f"/submissions/{installation.draft}", "From the second window.\n\nFrom the first window.")


def test_two_windows_that_changed_different_fields(teacher: Desk, draft: Page, installation: Installation) -> None:
    second = teacher.open(f"/submissions/{installation.draft}")
    context_field(draft).fill("Only the first field, here.")
    expect(note(draft)).to_have_text(SAVED, timeout=10_000)
    second.locator("textarea[name=answer-reflection]").fill("Only the other field, there.")
    expect(note(second)).to_have_text(SAVED, timeout=10_000)
    expect(context_field(second)).to_have_value("Only the first field, here.")
    assert stored(teacher, f"/submissions/{installation.draft}", "Only the first field, here.")
    assert stored(teacher, f"/submissions/{installation.draft}", "Only the other field, there.")


def held_upload(page: Page) -> list[Route]:
    """Requests with a file wait until the test lets them go."""
    waiting: list[Route] = []

    def look(route: Route) -> None:
        body = route.request.post_data_buffer or b""
        if b'name="do"\r\n\r\nadd:' in body:
            waiting.append(route)
        else:
            route.continue_()

    page.route("**/submissions/*", look)
    return waiting


def choose(page: Page, *files: dict[str, object]) -> None:
    page.locator("[data-add=lesson-plan]").evaluate("element => { element.open = true; }")
    page.locator("#file-lesson-plan").set_input_files(list(files))  # type: ignore[arg-type]
    page.locator("[data-add=lesson-plan]").get_by_role("button", name=re.compile("^Add it")).click()


def clear_evidence(page: Page) -> None:
    buttons = page.locator("[data-evidence=lesson-plan]").get_by_role("button", name=re.compile("^Remove"))
    while count := buttons.count():
        buttons.first.click()
        expect(buttons).to_have_count(count - 1)


def test_text_typed_during_an_upload(teacher: Desk, draft: Page, installation: Installation) -> None:
    clear_evidence(draft)
    waiting = held_upload(draft)
    choose(draft, {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": PDF})
    expect(draft.locator(".uploads progress")).to_be_visible()
    context_field(draft).fill("Typed while the file was on its way.")
    expect(note(draft)).to_have_text(SAVED, timeout=10_000)
    assert stored(teacher, f"/submissions/{installation.draft}", "Typed while the file was on its way.")
    draft.evaluate("window.neverReloaded = true")
    waiting[0].continue_()
    expect(draft.locator("[data-evidence=lesson-plan]").get_by_role("link", name="plan.pdf")).to_be_visible()
    expect(context_field(draft)).to_have_value("Typed while the file was on its way.")
    assert draft.evaluate("window.neverReloaded")
    clear_evidence(draft)
    assert draft.evaluate("window.neverReloaded")


def test_an_upload_that_is_cancelled_leaves_nothing(teacher: Desk, draft: Page, installation: Installation) -> None:
    clear_evidence(draft)
    waiting = held_upload(draft)
    choose(draft, {"name": "long.pdf", "mimeType": "application/pdf", "buffer": PDF})
    expect(draft.get_by_role("button", name="Cancel: long.pdf")).to_be_visible()
    draft.get_by_role("button", name="Cancel: long.pdf").click()
    expect(draft.locator(".uploads > li")).to_have_count(0)
    assert len(waiting) == 1
    assert not stored(teacher, f"/submissions/{installation.draft}", "long.pdf")


def test_several_files_of_which_one_is_refused(teacher: Desk, draft: Page, installation: Installation) -> None:
    clear_evidence(draft)
    choose(
        draft,
        {"name": "one.pdf", "mimeType": "application/pdf", "buffer": PDF},
        {"name": "program.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"},
        {"name": "two.pdf", "mimeType": "application/pdf", "buffer": PDF + b"two"},
    )
    listed = draft.locator("[data-evidence=lesson-plan]")
    expect(listed.get_by_role("link", name="one.pdf")).to_be_visible()
    expect(listed.get_by_role("link", name="two.pdf")).to_be_visible()
    refused = draft.locator(".uploads > li").filter(has_text="program.exe")
    expect(refused).to_contain_text("Files of this kind are not accepted")
    clear_evidence(draft)


def test_a_file_that_is_too_large_is_never_sent(teacher: Desk, draft: Page) -> None:
    clear_evidence(draft)
    waiting = held_upload(draft)
    choose(draft, {"name": "huge.pdf", "mimeType": "application/pdf", "buffer": PDF + b" " * 1_000_001})
    expect(draft.locator(".uploads > li")).to_contain_text("takes files of at most")
    assert waiting == []


def test_a_proxy_that_refuses_or_cuts_an_upload(teacher: Desk, draft: Page, installation: Installation) -> None:
    clear_evidence(draft)
    waiting = held_upload(draft)
    context_field(draft).fill("Typed before a proxy hung up.")
    for act in ("fulfil", "abort"):
        choose(draft, {"name": f"{act}.pdf", "mimeType": "application/pdf", "buffer": PDF})
        row = draft.locator(".uploads > li").filter(has_text=f"{act}.pdf")
        expect(row.get_by_role("button", name=re.compile("^Cancel"))).to_be_visible()
        if act == "fulfil":
            waiting[-1].fulfill(status=413, body="<html>413 Request Entity Too Large</html>")
        else:
            waiting[-1].abort("connectionreset")
        expect(row).to_contain_text("Your text is not affected")
    expect(context_field(draft)).to_have_value("Typed before a proxy hung up.")
    expect(note(draft)).to_have_text(SAVED, timeout=10_000)
    assert stored(teacher, f"/submissions/{installation.draft}", "Typed before a proxy hung up.")


def test_a_file_that_is_dropped(draft: Page) -> None:
    clear_evidence(draft)
    data = draft.evaluate_handle(
        "() => { const data = new DataTransfer();"
        " data.items.add(new File(['%PDF-1.7 dropped'], 'dropped.pdf', { type: 'application/pdf' })); return data; }"
    )
    draft.locator("[data-add=lesson-plan]").evaluate("element => { element.open = true; }")
    draft.dispatch_event("[data-drop-files=lesson-plan]", "drop", {"dataTransfer": data})
    expect(draft.locator("[data-evidence=lesson-plan]").get_by_role("link", name="dropped.pdf")).to_be_visible()
    clear_evidence(draft)


def test_a_text_for_evidence_that_was_not_added_yet(teacher: Desk, draft: Page, installation: Installation) -> None:
    draft.locator("[data-add=student-work]").evaluate("element => { element.open = true; }")
    draft.locator("[name=text-student-work]").fill("Learner A explained the sides.")
    draft.close()
    again = teacher.open(f"/submissions/{installation.draft}")
    expect(again.locator("[name=text-student-work]")).to_have_value("Learner A explained the sides.")
    again.locator("[data-add=student-work]").get_by_role("button", name=re.compile("^Add it")).click()
    expect(again.locator("[data-evidence=student-work]")).to_contain_text("Read it")
    expect(again.locator("[name=text-student-work]")).to_have_value("")
    assert "Learner A" not in kept(again)
    again.locator("[data-evidence=student-work]").get_by_role("button", name=re.compile("^Remove")).click()
    expect(again.locator("[data-evidence=student-work]").get_by_role("button")).to_have_count(0)


def test_an_old_window_shared_again_what_another_one_had_taken_back(
    teacher: Desk, draft: Page, installation: Installation
) -> None:
    path = f"/submissions/{installation.draft}"
    clear_evidence(draft)
    choose(draft, {"name": "shared.pdf", "mimeType": "application/pdf", "buffer": PDF})
    tick = draft.locator("li", has_text="shared.pdf").locator("input[type=checkbox][name^=shared-]")
    expect(tick).to_be_visible(timeout=15_000)
    tick.check()
    expect(note(draft)).to_have_text("Not saved yet")
    expect(note(draft)).to_have_text(SAVED, timeout=15_000)
    other = teacher.open(path)
    name = tick.get_attribute("name")
    second = other.locator(f"input[name={name}]")
    expect(second).to_be_checked()
    second.uncheck()
    expect(note(other)).to_have_text("Not saved yet")
    expect(note(other)).to_have_text(SAVED, timeout=15_000)
    context_field(draft).fill("Typed in the old window.")
    # With its own save it learns what is so.
    expect(tick).not_to_be_checked(timeout=30_000)
    assert stored(teacher, path, f'name="{name}" value="yes" aria')
    clear_evidence(draft)


def test_a_shared_computer_keeps_nothing(teacher: Desk, draft: Page) -> None:
    draft.get_by_label("This is a shared computer").check()
    teacher.context.set_offline(True)
    context_field(draft).fill("Not for the next person here.")
    expect(note(draft)).to_contain_text("Your text is still on this page", timeout=10_000)
    assert "Not for the next person here." not in kept(draft)
    teacher.context.set_offline(False)


def test_a_reviewer_whose_session_ended(browser: Browser, installation: Installation) -> None:
    coach = desk(browser, installation, "coach")
    page = coach.open(f"/reviews/{installation.claimed}")
    coach.end_session()
    page.get_by_label("Feedback on the whole").fill("Written by a coach after the end.")
    page.locator("input[name^='level-']").first.check()
    expect(page.get_by_text("You are signed out")).to_be_visible()
    coach.sign_in(Installation.person("coach", "maple"))
    expect(note(page)).to_have_text(SAVED, timeout=15_000)
    assert stored(coach, f"/reviews/{installation.claimed}", "Written by a coach after the end.")
    coach.context.close()


def test_a_reviewer_with_two_windows(browser: Browser, installation: Installation) -> None:
    coach = desk(browser, installation, "coach")
    first, second = (coach.open(f"/reviews/{installation.claimed}") for _ in range(2))
    first.get_by_label("Feedback on the whole").fill("Feedback from the first window.")
    expect(note(first)).to_have_text(SAVED, timeout=10_000)
    second.get_by_label("Feedback on the whole").fill("Feedback from the second window.")
    place = second.locator("[data-version-of=feedback]")
    expect(place.locator("[data-theirs]")).to_have_text("Feedback from the first window.", timeout=10_000)
    place.get_by_label("Take the saved one").click()
    expect(second.get_by_label("Feedback on the whole")).to_have_value("Feedback from the first window.")
    coach.context.close()


def test_without_script_the_text_comes_back_after_signing_in(browser: Browser, installation: Installation) -> None:
    plain = desk(browser, installation, "teacher", java_script_enabled=False)
    page = plain.open(f"/submissions/{installation.draft}")
    plain.end_session()
    context_field(page).fill("Typed without any script.")
    page.locator("[name=about-lesson-plan]").fill("A description, too.")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("E-mail address").fill(Installation.person("teacher", "maple"))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("You had been signed out")).to_be_visible()
    expect(context_field(page)).to_have_value("Typed without any script.")
    expect(page.locator("[name=about-lesson-plan]")).to_have_value("A description, too.")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("Your draft has been saved.")).to_be_visible()
    assert stored(plain, f"/submissions/{installation.draft}", "Typed without any script.")
    plain.context.close()
