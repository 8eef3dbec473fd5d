"""Verifying in a real browser: the camera, the report as a file, and the badge on somebody else's site."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import qrcode
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.functional.conftest import CHROMIUM_ARGUMENTS, Installation, chromium

pytestmark = [pytest.mark.browser, pytest.mark.network]

PHONE = ViewportSize(width=390, height=844)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_context(viewport=PHONE).new_page()
    yield made
    made.context.close()


def film(text: str, path: Path) -> None:
    """What a camera would see: the code on a white card, as a Motion JPEG of a few pictures."""
    picture = Image.new("RGB", (640, 480), "white")
    code = qrcode.make(text).get_image().convert("RGB").resize((400, 400))
    picture.paste(code, (120, 40))
    frame = io.BytesIO()
    picture.save(frame, "JPEG", quality=90)
    path.write_bytes(frame.getvalue() * 10)


def test_a_code_is_scanned_with_the_camera(installation: Installation, browser: Browser, tmp_path: Path) -> None:
    # Asking for `browser` skips this where there is none. The camera is given to Chromium at its start.
    film(f"{installation.address}/credentials/{installation.credential}", tmp_path / "camera.mjpeg")
    camera = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'camera.mjpeg'}",
    ]
    own = browser.browser_type.launch(executable_path=chromium(), args=[*CHROMIUM_ARGUMENTS, *camera])
    page = own.new_context(viewport=PHONE).new_page()
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text) if message.type == "error" else None)
    page.goto(f"{installation.address}/verify")
    page.get_by_role("button", name="Scan a QR code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Verified", timeout=30_000)
    assert trouble == []
    own.close()


def test_without_a_camera_there_is_a_way_on(page: Page, installation: Installation) -> None:
    page.goto(f"{installation.address}/verify")
    page.get_by_role("button", name="Scan a QR code").click()
    expect(page.get_by_text("Take a photo of the code and choose it as a file")).to_be_in_viewport()
    expect(page.locator("[data-camera] video")).to_be_hidden()
    expect(page.get_by_role("button", name="Stop the camera")).to_be_hidden()
    assert Axe().run(page).response["violations"] == []


def test_a_long_address_stays_inside_the_answer(page: Page, installation: Installation) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{installation.address}/verify?url={installation.address}/credentials/{'0' * 60}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Could not be checked")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_badge_about_somebody_else(page: Page, installation: Installation) -> None:
    page.goto(f"{installation.address}/verify")
    page.get_by_label("Or paste its address").fill(f"{installation.address}/credentials/{installation.credential}")
    page.get_by_text("Ask for more").click()
    page.get_by_label("Is it about this person?").fill("nobody@else.example")
    page.get_by_role("button", name="Verify and answer these").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Genuine, but not about the person you named")
    assert Axe().run(page).response["violations"] == []


def test_the_report_is_the_one_shown(page: Page, installation: Installation) -> None:
    page.goto(f"{installation.address}/verify")
    page.get_by_label("Or paste its address").fill('{"@context": []}')
    page.get_by_role("button", name="Verify what I pasted").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the report").click()
    report = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert report["verdict"] == "failed"
    assert download.value.suggested_filename == f"verification-{report['sha256'][:12]}.json"
    page.get_by_role("button", name="Explain everything").click()
    expect(page.get_by_text("Looked at").first).to_be_visible()


def test_the_verdict_fills_a_phone(page: Page, installation: Installation) -> None:
    """What is held across a counter: the mark and the big words without scrolling."""
    page.goto(f"{installation.address}/verify?url={installation.address}/credentials/{installation.credential}")
    box = page.get_by_role("heading", level=1).bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < PHONE["height"] / 2
    expect(page.get_by_text("is recognised by this service").first).to_be_in_viewport()


def test_it_works_without_javascript(browser: Browser, installation: Installation) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{installation.address}/verify")
    expect(page.get_by_role("button", name="Scan a QR code")).to_be_hidden()
    page.get_by_label("Or paste its address").fill(f"{installation.address}/credentials/{installation.credential}")
    page.get_by_role("button", name="Verify what I pasted").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Verified")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the report").click()
    assert json.loads(Path(download.value.path()).read_text("utf-8"))["verdict"] == "verified"
    context.close()


class _Site(ThreadingHTTPServer):
    """A district's own site, at another origin."""

    html = ""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, _Site)
        body = self.server.html.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing."""


@pytest.fixture
def site() -> Iterator[_Site]:
    server = _Site(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_badge_on_another_site(page: Page, installation: Installation, site: _Site) -> None:
    address = f"{installation.address}/credentials/{installation.credential}"
    site.html = (
        "<!doctype html><html lang=en><title>Our teachers</title><main><h1>Our teachers</h1>"
        "<style>a, iframe { display: none !important }</style>"
        f"<p><a href='{address}'>My badge: verify it</a>"
        f"<script src='{installation.address}/embed.js' data-credential='{installation.credential}' async></script></p>"
        f"<p><script src='{installation.address}/embed.js' data-credential='{address}' async></script></p>"
        f"<p><script src='{installation.address}/embed.js' data-credential='javascript:alert(1)' async></script></p>"
        "</main>"
    )
    page.goto(f"http://127.0.0.1:{site.server_port}")
    expect(page.get_by_text("My badge: verify it")).to_have_count(0)
    page.wait_for_load_state("networkidle")
    frames = [frame for frame in page.frames if "/embed/" in frame.url]
    assert len(frames) == 2
    for frame in frames:
        expect(frame.get_by_role("heading", name="Verified")).to_be_visible()
        # All of it fits into the frame.
        assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.context.cookies() == []
    with page.context.expect_page() as opened:
        frames[0].get_by_role("link").click()
    expect(opened.value.get_by_role("heading", name="Verified")).to_be_visible()


def test_without_javascript_the_link_stays(browser: Browser, installation: Installation, site: _Site) -> None:
    address = f"{installation.address}/credentials/{installation.credential}"
    site.html = (
        f"<!doctype html><title>x</title><a href='{address}'>My badge: verify it</a>"
        f"<script src='{installation.address}/embed.js' data-credential='{installation.credential}' async></script>"
    )
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{site.server_port}")
    page.get_by_role("link", name="My badge: verify it").click()
    expect(page.get_by_role("heading", name="Verified")).to_be_visible()
    context.close()


def test_no_other_page_can_be_framed(page: Page, installation: Installation, site: _Site) -> None:
    site.html = f"<!doctype html><title>x</title><iframe src='{installation.address}/verify'></iframe>"
    page.goto(f"http://127.0.0.1:{site.server_port}")
    page.wait_for_load_state("networkidle")
    assert all("Verify a badge" not in frame.content() for frame in page.frames)
