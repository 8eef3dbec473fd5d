"""Hypothesis strategies for the values of the model: sound ones, as our readers make them."""

from __future__ import annotations

from types import MappingProxyType

from hypothesis import strategies as st

from achievements.model import (
    Achievement,
    Alignment,
    Criterion,
    EvidenceKind,
    EvidenceRequirement,
    Prompt,
    Resource,
    Rubric,
    RubricLevel,
)
from achievements.rubrics import with_passing

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
    lambda text: bool(text.strip())
)
maybe = st.just("") | words
slugs = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
uris = st.uuids().map(lambda value: f"urn:uuid:{value}")
addresses = st.uuids().map(lambda value: f"https://frameworks.example.org/case/items/{value}")
json_values = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e6, 1e6).filter(lambda x: not x.is_integer()) | words,
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(words, inner, min_size=1, max_size=3),
    max_leaves=5,
)

alignments = st.builds(
    Alignment,
    target_name=words,
    target_url=addresses,
    target_code=maybe,
    target_description=maybe,
    target_framework=maybe,
    target_type=st.sampled_from(["CFItem", "ceasn:Competency", "ext:Local"]),
)


@st.composite
def criteria(draw: st.DrawFn) -> Criterion:
    count = draw(st.integers(1, 4))
    levels = [
        RubricLevel(
            id=draw(uris),
            name=draw(words),
            order=0,
            description=draw(maybe),
            points=draw(st.sampled_from(["", "0", "1.5", "4"])),
            feedback=draw(maybe),
        )
        for _ in range(count)
    ]
    return Criterion(
        id=draw(uris),
        name=draw(words),
        levels=with_passing(levels, draw(st.integers(0, count - 1))),
        description=draw(maybe),
        weight=draw(st.sampled_from([1.0, 0.3, 2.0])),
        alignment=tuple(draw(st.lists(alignments, max_size=1))),
        category=draw(maybe),
    )


prompts = st.builds(
    Prompt,
    key=slugs,
    text=words,
    guidance=maybe,
    min_words=st.integers(0, 100),
    max_words=st.sampled_from([0, 250]),
    required=st.booleans(),
    passing_response=maybe,
)
requirements = st.builds(
    EvidenceRequirement,
    key=slugs,
    title=words,
    directions=maybe,
    kinds=st.lists(st.sampled_from(EvidenceKind), min_size=1, unique=True).map(tuple),
    media_types=st.sampled_from([(), ("image/*", "application/pdf")]),
    required=st.booleans(),
    student_work=st.booleans(),
)
resources = st.builds(Resource, title=words, url=st.just("") | addresses, note=maybe)


@st.composite
def achievements(draw: st.DrawFn) -> Achievement:
    """Any sound achievement, with at least one criterion."""
    return Achievement(
        key=draw(slugs),
        name=draw(words),
        description=draw(words),
        criteria_narrative=draw(words),
        rubric=Rubric(tuple(draw(st.lists(criteria(), min_size=1, max_size=3, unique_by=lambda c: c.id)))),
        evidence=tuple(draw(st.lists(requirements, max_size=2, unique_by=lambda each: each.key))),
        overview=tuple(draw(st.lists(prompts, max_size=1))),
        reflection=tuple(draw(st.lists(prompts, max_size=1))),
        alignment=tuple(draw(st.lists(alignments, max_size=2, unique_by=lambda each: each.target_url))),
        key_method=draw(maybe),
        hours=draw(st.sampled_from([0.0, 7.5, 20.0])),
        expires_after_months=draw(st.sampled_from([0, 36])),
        human_code=draw(maybe),
        field_of_study=draw(maybe),
        specialization=draw(maybe),
        tags=tuple(draw(st.lists(words, max_size=2))),
        language=draw(st.sampled_from(["en", "ja", "pt-BR"])),
        version=draw(maybe),
        resources=tuple(draw(st.lists(resources, max_size=1))),
        research=tuple(draw(st.lists(resources, max_size=1))),
        audience=tuple(draw(st.lists(words, max_size=1))),
        extensions=MappingProxyType(draw(st.dictionaries(words.map(lambda w: "x-" + w), json_values, max_size=2))),
    )
