"""Sound and video that a teacher handed in play in a real browser, and nobody else's browser gets them."""

from __future__ import annotations

import base64
import io
import wave

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.functional.conftest import PASSWORD, Installation

pytestmark = [pytest.mark.browser, pytest.mark.network]

#: Half a second of a canvas, recorded by the browser itself.
_RECORD = """async () => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 64;
  const pen = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" });
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const ended = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start();
  for (let frame = 0; frame < 15; frame += 1) {
    pen.fillStyle = frame % 2 ? "black" : "white";
    pen.fillRect(0, 0, 64, 64);
    await new Promise((resolve) => { setTimeout(resolve, 40); });
  }
  recorder.stop();
  await ended;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(String.fromCharCode(...bytes));
}"""
#: Resolves once time has passed in the player; an error of the player is an error of the test.
_PLAY = """async (player) => {
  player.muted = true;
  const played = new Promise((resolve, reject) => {
    player.ontimeupdate = () => { if (player.currentTime > 0) resolve(player.currentTime); };
    player.onerror = () => reject(new Error(player.error.message));
  });
  await player.play();
  return await played;
}"""


@pytest.fixture
def teacher(browser: Browser, installation: Installation) -> Page:
    page = browser.new_context().new_page()
    page.goto(f"{installation.address}/sign-in")
    page.get_by_label("E-mail address").fill(Installation.person("teacher", "maple"))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    return page


def _sound() -> bytes:
    """Two seconds of silence."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(32000))
    return made.getvalue()


def test_sound_and_video_play(browser: Browser, teacher: Page, installation: Installation) -> None:
    video = base64.b64decode(teacher.evaluate(_RECORD))
    for name, kind, data, element in (
        ("lesson.wav", "audio/wav", _sound(), "audio"),
        ("lesson.webm", "video/webm", video, "video"),
    ):
        teacher.goto(f"{installation.address}/submissions/{installation.draft}")
        teacher.locator("[data-add=lesson-plan]").evaluate("element => { element.open = true; }")
        teacher.locator("#file-lesson-plan").set_input_files([{"name": name, "mimeType": kind, "buffer": data}])
        teacher.locator("[data-add=lesson-plan] button[value^=add]").click()
        teacher.locator("[data-evidence=lesson-plan]").get_by_role("link", name=name).click()
        assert teacher.locator(element).evaluate(_PLAY) > 0
        address = teacher.url.removesuffix("/play")
        # The bare address leads a browser to the same page; a stranger's browser to none.
        teacher.goto(address)
        assert teacher.url == f"{address}/play"
        stranger = browser.new_context()
        assert stranger.request.get(address).status == 404
        assert stranger.request.get(f"{address}/play").status == 404
        stranger.close()
        teacher.goto(f"{installation.address}/submissions/{installation.draft}")
        teacher.locator("[data-evidence=lesson-plan]").get_by_role("button", name="Remove").first.click()
        expect(teacher.locator("[data-evidence=lesson-plan]").get_by_role("link", name=name)).to_have_count(0)
    teacher.context.close()
