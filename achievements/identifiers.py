"""Keys, URIs and language tags: what a well-formed one looks like."""

from __future__ import annotations

import re
import uuid

#: Of the key of a microcredential, in characters.
MAX_KEY = 64

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_SHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]+")
_WEB = re.compile(r"https?://[^\s<>\"{}|\\^`/?#\x00-\x20]+[^\s<>\"{}|\\^`\x00-\x20]*", re.IGNORECASE)
# Open Badges 3.0, LanguageCode.
_LANGUAGE = re.compile(r"[a-z]{2,4}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
_EXTENSION = re.compile(r"ext:[A-Za-z0-9.\-_]+")
# The namespace of ids that we derive for criteria and levels: fixed for good, or the same file would get new ids.
_DERIVED = uuid.UUID("5f1d0c0e-7c1b-5d0a-9a53-0c7e2b9f4a61")

# Open Badges 3.0, AchievementType.
ACHIEVEMENT_TYPES = frozenset(
    {
        "Achievement",
        "ApprenticeshipCertificate",
        "Assessment",
        "Assignment",
        "AssociateDegree",
        "Award",
        "Badge",
        "BachelorDegree",
        "Certificate",
        "CertificateOfCompletion",
        "Certification",
        "CommunityService",
        "Competency",
        "Course",
        "CoCurricular",
        "Degree",
        "Diploma",
        "DoctoralDegree",
        "Fieldwork",
        "GeneralEducationDevelopment",
        "JourneymanCertificate",
        "LearningProgram",
        "License",
        "Membership",
        "ProfessionalDoctorate",
        "QualityAssuranceCredential",
        "MasterCertificate",
        "MasterDegree",
        "MicroCredential",
        "ResearchDoctorate",
        "SecondarySchoolDiploma",
    }
)


def is_slug(text: str) -> bool:
    """Small letters, digits and hyphens, 1 to 64 characters: the key of a microcredential."""
    return _SLUG.fullmatch(text) is not None


def is_short_id(text: str) -> bool:
    """Letters, digits, dot, hyphen, underscore, up to 64: an id within one definition."""
    return _SHORT.fullmatch(text) is not None


def is_uri(text: str) -> bool:
    """An absolute URI, as JSON-LD needs it for an id."""
    return _URI.fullmatch(text) is not None


def is_web_address(text: str) -> bool:
    return _WEB.fullmatch(text) is not None


def is_language(text: str) -> bool:
    return _LANGUAGE.fullmatch(text) is not None


def is_achievement_type(text: str) -> bool:
    return text in ACHIEVEMENT_TYPES or _EXTENSION.fullmatch(text) is not None


def derived_uri(*parts: str) -> str:
    """A `urn:uuid:` (version 5) of these names: the same names give the same URI, on every machine, for good."""
    return f"urn:uuid:{uuid.uuid5(_DERIVED, chr(0x1F).join(parts))}"


def slug(text: str, fallback: str) -> str:
    """A key made from a name; `fallback` where the name has no letter or digit of the Latin alphabet."""
    made = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:MAX_KEY].strip("-")
    return made or fallback
