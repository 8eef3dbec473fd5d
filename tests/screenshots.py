"""Takes the pictures of docs/images: `make screenshots`. Starts the demo in a folder of its own and looks at it in
Chromium as each of its people, so that no picture shows what the service does not do."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.functional.conftest import CHROMIUM_ARGUMENTS, chromium

IMAGES = Path(__file__).parent.parent / "docs" / "images"
DESKTOP = ViewportSize(width=1280, height=860)
PHONE = ViewportSize(width=390, height=844)
START_SECONDS = 120
#: The port that the README names, where it is free: the pictures show addresses.
PORT = 8000


def main() -> None:
    if not chromium():
        sys.exit("No Chromium was found; set BADGEWRIGHT_TEST_CHROMIUM.")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        port = _port()
        server = _serve(Path(folder), port)
        try:
            address = f"http://localhost:{port}"
            _wait_for(address, server)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
                _take(browser, address, _sign_ins(Path(folder)))
                browser.close()
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=30)


def _take(browser: Browser, address: str, people: dict[str, tuple[str, str]]) -> None:
    def visit(who: str, *, size: ViewportSize = DESKTOP, dark: bool = False) -> Page:
        page = browser.new_context(viewport=size, color_scheme="dark" if dark else "light").new_page()
        page.goto(f"{address}/sign-in" if who else address)
        if who:
            email, password = people[who]
            page.get_by_label("E-mail address").fill(email)
            page.get_by_label("Password", exact=True).fill(password)
            page.get_by_role("main").get_by_role("button", name="Sign in").click()
        return page

    def shot(page: Page, name: str, *, full: bool = False, close: bool = True) -> None:
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        page.screenshot(path=IMAGES / f"{name}.png", full_page=full)
        sys.stdout.write(f"docs/images/{name}.png\n")
        if close:
            page.context.close()

    stranger = visit("")
    shot(stranger, "home", close=False)
    _follow(stranger, lambda: stranger.locator(".card-title a").first.click())
    shot(stranger, "microcredential")

    teacher = visit("Teacher")
    shot(teacher, "teacher", close=False)
    badge = str(teacher.locator("a[href^='/credentials/']").first.get_attribute("href"))
    _follow(teacher, lambda: teacher.locator("main a[href^='/submissions/']").first.click())
    shot(teacher, "submission", close=False)
    teacher.goto(address + badge)
    if teacher.get_by_role("button", name="Share this badge").count():
        _follow(teacher, lambda: teacher.get_by_role("button", name="Share this badge").click())
    teacher.context.close()

    for name, size, dark in (("credential", DESKTOP, False), ("credential-dark-phone", PHONE, True)):
        page = visit("", size=size, dark=dark)
        page.goto(address + badge)
        shot(page, name)
    page = visit("", size=PHONE)
    page.goto(f"{address}/verify?url={address}{badge}")
    shot(page, "verify-phone")

    coach = visit("Coach")
    coach.goto(f"{address}/reviews")
    if coach.get_by_role("button", name="Review it").count():
        _follow(coach, lambda: coach.get_by_role("button", name="Review it").first.click())
    else:
        _follow(coach, lambda: coach.locator("main a[href^='/reviews/']").first.click())
    shot(coach, "review")

    admin = visit("Admin")
    admin.goto(f"{address}/admin")
    shot(admin, "admin")


def _follow(page: Page, act: Callable[[], None]) -> None:
    with page.expect_navigation():
        act()


def _port() -> int:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serve(folder: Path, port: int) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BADGEWRIGHT_")}
    environment.pop("DATABASE_URL", None)
    environment["BADGEWRIGHT_VAR"] = str(folder)
    return subprocess.Popen(
        [sys.executable, "-m", "verifier", "serve", "--demo", "--port", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own http address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    sys.exit("The demo did not start.")


def _sign_ins(folder: Path) -> dict[str, tuple[str, str]]:
    """Who: e-mail and password, from the file that the demo writes."""
    lines = (folder / "demo-signins.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {who: (email, password) for who, email, password in rows}


if __name__ == "__main__":
    main()
