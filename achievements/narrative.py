"""The words of `criteria.narrative`: what an earner had to do, as Markdown, made from the definition itself."""

from __future__ import annotations

import re
from dataclasses import replace

from achievements.model import Achievement, EvidenceRequirement

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|])")


def criteria_narrative(achievement: Achievement) -> str:
    """The definition's own narrative where it has one; else the key method, what was handed in and what was judged."""
    if achievement.criteria_narrative.strip():
        return achievement.criteria_narrative
    blocks: list[str] = []
    if achievement.key_method:
        blocks.append(f"**Key method.** {_plain(achievement.key_method)}")
    if achievement.evidence:
        lines = [f"- {_plain(artifact.title)}{_amount(artifact)}" for artifact in achievement.evidence]
        blocks.append("**Evidence handed in**\n\n" + "\n".join(lines))
    if achievement.rubric.criteria:
        lines = []
        for criterion in achievement.rubric.criteria:
            passing = [level for level in criterion.levels if level.passing]
            lowest = min(passing, key=lambda level: level.order) if passing else None
            reached = f" (at least “{_plain(lowest.name)}”)" if lowest else ""
            lines.append(f"- {_plain(criterion.name)}{reached}")
        blocks.append("**Every criterion was met**\n\n" + "\n".join(lines))
    if achievement.overview or achievement.reflection:
        asked = [
            f"{len(prompts)} {word} question{'s' if len(prompts) > 1 else ''}"
            for prompts, word in ((achievement.overview, "overview"), (achievement.reflection, "reflection"))
            if prompts
        ]
        blocks.append(f"The earner also answered {' and '.join(asked)} in writing.")
    return "\n\n".join(blocks) or _plain(achievement.description) or _plain(achievement.name)


def written_narrative(achievement: Achievement) -> str:
    """The narrative that somebody wrote; "" where it is the one made from the other parts."""
    found = achievement.criteria_narrative
    return "" if found == criteria_narrative(replace(achievement, criteria_narrative="")) else found


def _amount(artifact: EvidenceRequirement) -> str:
    notes = [] if artifact.required else ["optional"]
    if artifact.min_items > 1:
        notes.append(f"at least {artifact.min_items}")
    return f" ({', '.join(notes)})" if notes else ""


def _plain(text: str) -> str:
    """Somebody's words inside our Markdown: on one line, with its marks made harmless."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
