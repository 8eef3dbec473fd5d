"""The submission form: nothing typed is lost, whatever button is pressed."""

from __future__ import annotations

import re

import pytest

from issuer.models import Submission
from tests import factories
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, upload


def revision(browser: Browser, number: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', browser.get(f"/submissions/{number}").text)
    assert found is not None
    return found[1]


def test_starting_twice_is_starting_once(teacher: Browser, district: District) -> None:
    path = "/achievements/lakeside/check-understanding/v1/start"
    first, second = teacher.post(path), teacher.post(path)
    assert first.location == second.location
    assert "Continue your work" in teacher.get("/achievements/lakeside/check-understanding/v1").text


def test_the_draft_saves_itself(teacher: Browser, draft: Submission) -> None:
    path = f"/submissions/{draft.number}"
    answer = teacher.post(
        path, {"do": "save", "revision": "0", "answer-context": "Grade four."}, headers={"Accept": "application/json"}
    )
    assert answer.json["revision"] == 1
    assert answer.json["saved_at"]
    assert "Grade four." in teacher.get(path).text


def test_two_windows_never_overwrite_each_other_unseen(teacher: Browser, draft: Submission) -> None:
    path = f"/submissions/{draft.number}"
    teacher.post(path, {"do": "save", "revision": "0", "answer-context": "From the first window."})
    clash = teacher.post(path, {"do": "save", "revision": "0", "answer-context": "From the second window."})
    assert clash.status_code == 409
    assert "From the first window." in clash.text
    assert "From the second window." in clash.text
    by_script = teacher.post(
        path, {"do": "save", "revision": "0", "answer-context": "Again."}, headers={"Accept": "application/json"}
    )
    assert by_script.status_code == 409
    assert by_script.json["code"] == "stale_draft"
    current = re.search(r'name="revision" value="(\d+)"', clash.text)
    assert current is not None
    kept = teacher.post(path, {"do": "save", "revision": current[1], "answer-context": "From the second window."})
    assert kept.status_code == 302
    assert "From the second window." in teacher.get(path).text


def test_a_refused_file_does_not_lose_the_words(teacher: Browser, draft: Submission) -> None:
    path = f"/submissions/{draft.number}"
    answer = teacher.post(
        path,
        {
            "do": "add:lesson-plan",
            "revision": "0",
            "answer-context": "Grade four, twenty students.",
            "about-lesson-plan": "My plan.",
            "file-lesson-plan": upload(b"MZ\x90\x00 a program", "plan.exe"),
        },
    )
    assert answer.status_code == 415
    assert "Files of this kind are not accepted. “Lesson plan” takes PDF, Word document," in answer.text
    assert "My plan." in answer.text
    assert "Grade four, twenty students." in teacher.get(path).text


def test_evidence_is_added_shared_and_removed(teacher: Browser, draft: Submission) -> None:
    path = f"/submissions/{draft.number}"
    added = teacher.post(
        path, {"do": "add:lesson-plan", "revision": "0", "file-lesson-plan": upload(factories.PDF, "plan.pdf")}
    )
    assert added.location == f"{path}#part-lesson-plan"
    page = teacher.get(path).text
    item = re.search(r'name="listed" value="([0-9a-f]+)"', page)
    assert item is not None
    assert f'name="shared-{item[1]}" value="yes" aria' in page
    ticked = {"do": "save", "revision": "0", "listed": item[1], f"shared-{item[1]}": "yes"}
    teacher.post(path, {**ticked, f"shared-was-{item[1]}": "no"})
    assert f'name="shared-{item[1]}" value="yes" checked' in teacher.get(path).text
    teacher.post(path, {"do": f"remove:{item[1]}", "revision": "0"})
    assert "plan.pdf" not in teacher.get(path).text


def test_an_old_window_shared_again_what_another_one_had_taken_back(teacher: Browser, draft: Submission) -> None:
    """Its tick is of the time when its page was opened. Only a tick that was set in the window counts."""
    path = f"/submissions/{draft.number}"
    teacher.post(path, {"do": "add:lesson-plan", "revision": "0", "file-lesson-plan": upload(factories.PDF, "a.pdf")})
    page = teacher.get(path).text
    item = re.search(r'name="listed" value="([0-9a-f]+)"', page)
    assert item is not None
    listed, tick, was = {"do": "save", "revision": "0", "listed": item[1]}, f"shared-{item[1]}", f"shared-was-{item[1]}"
    assert f'name="{was}" value="no"' in page
    teacher.post(path, {**listed, tick: "yes", was: "no"})
    assert f'name="{was}" value="yes"' in teacher.get(path).text
    teacher.post(path, {**listed, was: "yes"})
    for stale in ({tick: "yes", was: "yes"}, {tick: "yes"}):
        script = {"Accept": "application/json"}
        answer = teacher.post(path, {**listed, **stale, "answer-context": "Typed in the old window."}, headers=script)
        assert answer.get_json()["shared"] == {item[1]: False}, "so that the old window shows it"
    page = teacher.get(path).text
    assert f'name="{tick}" value="yes" aria' in page
    assert "Typed in the old window." in page
    # Nor does a window that never had the tick take back what another one shared.
    teacher.post(path, {**listed, tick: "yes", was: "no"})
    teacher.post(path, {**listed, was: "no"})
    assert f'name="{tick}" value="yes" checked' in teacher.get(path).text


def test_links_and_texts_are_evidence_too(teacher: Browser, draft: Submission) -> None:
    path = f"/submissions/{draft.number}"
    wrong = teacher.post(path, {"do": "add:student-work", "revision": "0", "link-student-work": "javascript:alert(1)"})
    assert wrong.status_code == 422
    assert "A link starts with http" in wrong.text
    assert 'href="javascript' not in wrong.text
    both = teacher.post(
        path,
        {
            "do": "add:student-work",
            "revision": "0",
            "link-student-work": "https://a.example/",
            "text-student-work": "x",
        },
    )
    assert "one thing at a time" in both.text
    teacher.post(path, {"do": "add:student-work", "revision": "0", "text-student-work": "<b>Student A</b>: because …"})
    assert "&lt;b&gt;Student A&lt;/b&gt;" in teacher.get(path).text


def test_handing_in_says_what_is_missing(teacher: Browser, draft: Submission) -> None:
    path = f"/submissions/{draft.number}"
    refused = teacher.post(path, {"do": "submit", "revision": "0", "answer-context": "Four"})
    assert refused.status_code == 422
    assert 'href="#part-context"' in refused.text
    assert 'href="#part-lesson-plan"' in refused.text
    teacher.post(
        path, {"do": "add:lesson-plan", "revision": "1", "file-lesson-plan": upload(factories.PDF, "plan.pdf")}
    )
    done = teacher.post(path, {"do": "submit", "revision": "1", "answer-context": "Grade four, twenty students."})
    assert done.status_code == 302
    page = teacher.get(path).text
    assert "Waiting for a reviewer" in page
    assert "<textarea" not in page
    late = teacher.post(path, {"do": "save", "revision": "2", "answer-context": "Too late."})
    assert late.status_code == 409
    assert "Too late." not in teacher.get(path).text


def test_withdrawing(teacher: Browser, waiting: Submission) -> None:
    assert teacher.post(f"/submissions/{waiting.number}/withdraw").status_code == 302
    assert "Withdrawn" in teacher.get(f"/submissions/{waiting.number}").text
    again = teacher.post(f"/submissions/{waiting.number}/withdraw")
    assert again.status_code == 409
    assert "This has changed in the meantime" in again.text


def test_a_button_that_does_not_exist(teacher: Browser, draft: Submission) -> None:
    assert teacher.post(f"/submissions/{draft.number}", {"do": "approve", "revision": "0"}).status_code == 400


def test_a_piece_of_evidence_gets_a_title_of_its_own(teacher: Browser, draft: Submission) -> None:
    path = f"/submissions/{draft.number}"
    teacher.post(
        path, {"do": "add:lesson-plan", "revision": "0", "file-lesson-plan": upload(factories.PDF, "Emma_plan.pdf")}
    )
    item = re.search(r'name="listed" value="([0-9a-f]+)"', teacher.get(path).text)
    assert item is not None
    field, was = f"title-of-{item[1]}", f"title-was-{item[1]}"
    teacher.post(path, {"do": "save", "revision": "0", "listed": item[1], field: "My lesson plan", was: ""})
    assert f'name="{field}" value="My lesson plan"' in teacher.get(path).text
    # A window that was opened before sends the old title with whatever else it saves.
    teacher.post(path, {"do": "save", "revision": "0", "listed": item[1], field: "", was: ""})
    assert f'name="{field}" value="My lesson plan"' in teacher.get(path).text
    too_long = teacher.post(path, {"do": "save", "revision": "0", "listed": item[1], field: "x" * 301, was: ""})
    assert too_long.status_code == 422


def test_a_body_that_is_too_large_leads_back_to_the_draft(
    teacher: Browser, draft: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("issuer.ceilings.Ceilings.body", lambda *_, **__: 10_000)
    path = f"/submissions/{draft.number}"
    huge = {"do": "save", "revision": "0", "answer-context": "x" * 20_000}
    refused = teacher.post(path, huge)
    assert refused.status_code == 413
    assert f'<a class="btn" href="{path}">Back to your work</a>' in refused.text
    assert "back button leads to what you typed" in refused.text
    by_script = teacher.post(path, huge, headers={"Accept": "application/json"})
    assert (by_script.status_code, by_script.json["code"]) == (413, "too_large")
