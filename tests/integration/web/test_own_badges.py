"""What a teacher earned stays in reach: from their work, from a coach's decision, after leaving the district."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import delete

from issuer.db import unit_of_work
from issuer.models import AchievementVersion, Credential, Membership, Submission
from issuer.runtime import Runtime
from tests import factories
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser


def test_a_former_teacher_keeps_what_they_earned(
    teacher: Browser, stranger: Browser, runtime: Runtime, district: District, credential: Credential
) -> None:
    with unit_of_work(runtime.sessions) as session:
        session.execute(delete(Membership).where(Membership.user_id == district.teacher.id))
    home = teacher.get("/home")
    assert home.location == "/teacher/badges"
    page = teacher.get("/teacher/badges").text
    path = f"/credentials/{credential.number}"
    assert f'href="{path}"' in page
    assert '<a href="/teacher/badges"' in page
    assert "My work" not in page
    for form in ("", ".json", ".png", ".svg"):
        assert teacher.get(path + form).status_code == 200
    assert teacher.post(f"{path}/share").status_code == 302
    assert stranger.get(path).status_code == 200
    assert teacher.post(f"{path}/unshare").status_code == 302
    assert stranger.get(path).status_code == 404
    item = credential.submission.evidence[0]
    assert teacher.get(f"/evidence/{item.number}").status_code == 200


def test_who_never_earned_anything_sees_no_badges(admin: Browser, stranger: Browser) -> None:
    assert "My badges" not in admin.get("/account").text
    assert "My badges" not in stranger.get("/catalogue").text


def test_one_link_at_the_top_says_where_one_is(teacher: Browser) -> None:
    """The badges lie below the work, and both were marked."""
    page = teacher.get("/teacher/badges").text
    assert page.count('aria-current="page"') == 1
    assert '<a href="/teacher/badges" aria-current="page">' in page


def test_badge_issued_leads_to_the_badge(teacher: Browser, coach: Browser, credential: Credential) -> None:
    link = f'<a href="/credentials/{credential.number}">Badge issued</a>'
    number = credential.submission.number
    assert link in teacher.get(f"/submissions/{number}").text
    assert link in teacher.get("/achievements/lakeside/check-understanding/v1").text
    decided = coach.get(f"/reviews/{number}/decided").text
    assert "Badge issued" in decided
    assert link not in decided, "not shared: for a coach there is no such page"
    teacher.post(f"/credentials/{credential.number}/share")
    assert link in coach.get(f"/reviews/{number}/decided").text


def test_a_draft_of_a_retired_version_says_so(
    teacher: Browser, runtime: Runtime, district: District, draft: Submission
) -> None:
    pages = ("/teacher", f"/submissions/{draft.number}")
    for page in pages:
        assert "was retired" not in teacher.get(page).text
    with unit_of_work(runtime.sessions) as session:
        version = session.merge(district.version)
        version.status, version.retired_at = "retired", factories.NOW
    for page in pages:
        text = teacher.get(page).text
        assert "This version was retired on" in text
        assert "You can still finish it, hand it in and earn its badge." in text
        assert "There is no newer version at present." in text
    with unit_of_work(runtime.sessions) as session:
        version = session.get_one(AchievementVersion, district.version.id)
        definition = replace(factories.achievement(), name="Checking, better")
        newer = factories.published(session, version.achievement.organisation, replace(definition, key="elsewhere"))
        session.add(
            AchievementVersion(
                achievement=version.achievement,
                number=2,
                status="published",
                name=definition.name,
                body=newer.body,
                content_hash="0" * 64,
                created_at=factories.NOW,
                published_at=factories.NOW,
            )
        )
    for page in pages:
        text = teacher.get(page).text
        assert '<a href="/achievements/lakeside/check-understanding/v2">“Checking, better”, version 2</a>' in text


def test_times_are_written_one_way_and_can_be_read_by_a_script(teacher: Browser, draft: Submission) -> None:
    page = teacher.get(f"/submissions/{draft.number}").text
    assert 'Saved <time datetime="2026-03-02T09:30:00+00:00">2 March 2026, 09:30 UTC</time>' in page
