"""Our JSON Schemas against the data model of Open Badges 3.0 and the measured behaviour of the published schemas.

Strict is the edition of 2024, lenient the edition of 2026 that also takes compacted JSON-LD.
"""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from schemas.formats import FORMATS
from schemas.validation import json_schema, validate
from tests.conformance.schemas.conftest import FULL, PLAIN, Change, at, fresh

BADGE = "AchievementCredential"
OK, ERR = True, False


def judge(document: Any, schema: str = BADGE) -> tuple[bool, bool]:
    """(strict, lenient)"""
    return not validate(document, schema, strict=True), not validate(document, schema)


def put(path: str, value: Any) -> Change:
    where, _, last = path.rpartition("/")

    def change(document: dict[str, Any]) -> None:
        at(document, where)[int(last) if last.isdigit() else last] = value

    return change


def drop(path: str) -> Change:
    where, _, last = path.rpartition("/")
    return lambda document: at(document, where).pop(last)


SUBJECT = "credentialSubject"
ACHIEVEMENT = "credentialSubject/achievement"
OB_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
V2 = "https://www.w3.org/ns/credentials/v2"

TABLE: list[tuple[str, Change, bool, bool]] = [
    ("proof as an object", put("proof", PLAIN["proof"][0]), ERR, OK),
    ("class type as a string", put(f"{ACHIEVEMENT}/type", "Achievement"), ERR, OK),
    ("single identifier object", put(f"{SUBJECT}/identifier", PLAIN[SUBJECT]["identifier"][0]), ERR, OK),
    ("name as a language map", put("name", {"en": "Python II"}), ERR, OK),
    ("achievement name as a language map", put(f"{ACHIEVEMENT}/name", {"en": "P", "pt-BR": "P"}), ERR, OK),
    ("status without id", drop("credentialStatus/id"), ERR, OK),
    ("issuer as a URI", put("issuer", "https://badges.example.org/issuers/1"), OK, OK),
    ("type list on IdentityObject", put(f"{SUBJECT}/identifier/0/type", ["IdentityObject"]), ERR, ERR),
    ("type list on Image", put(f"{ACHIEVEMENT}/image/type", ["Image"]), ERR, ERR),
    ("image as a string", put(f"{ACHIEVEMENT}/image", "https://badges.example.org/py2.png"), ERR, ERR),
    ("extra property on Image", put(f"{ACHIEVEMENT}/image/name", "x"), ERR, ERR),
    ("status list of two", put("credentialStatus", [PLAIN["credentialStatus"]]), ERR, ERR),
    ("subject list", put(SUBJECT, [PLAIN[SUBJECT]]), ERR, ERR),
    ("achievement list", put(ACHIEVEMENT, [PLAIN[SUBJECT]["achievement"]]), ERR, ERR),
    ("validFrom is a date", put("validFrom", "2026-01-01"), ERR, ERR),
    ("validFrom without zone", put("validFrom", "2026-01-01T00:00:00"), ERR, ERR),
    ("validFrom on a day that is not", put("validFrom", "2026-02-29T00:00:00Z"), ERR, ERR),
    ("evidence null", put("evidence", None), ERR, ERR),
    ("unknown achievementType", put(f"{ACHIEVEMENT}/achievementType", "Microcredential"), ERR, ERR),
    ("creditsEarned as text", put(f"{SUBJECT}/creditsEarned", "1.5"), ERR, ERR),
    ("name as @value object", put("name", {"@value": "Python II"}), ERR, ERR),
    ("inLanguage in lower case", put(f"{ACHIEVEMENT}/inLanguage", "en-us"), ERR, ERR),
    ("contexts swapped", put("@context", [OB_CONTEXT, V2]), ERR, ERR),
    ("foreign context second", put("@context", [V2, "https://example.org/c.json", OB_CONTEXT]), ERR, ERR),
    ("context 3.0.10", put("@context", [V2, OB_CONTEXT.replace("3.0.3", "3.0.10")]), ERR, ERR),
    ("context with other dots", put("@context", [V2, OB_CONTEXT.replace("purl.", "purlx")]), ERR, ERR),
    ("one context", put("@context", [V2]), ERR, ERR),
    ("unversioned context", put("@context", [V2, OB_CONTEXT.replace("-3.0.3", "")]), OK, OK),
    ("third context", put("@context", [V2, OB_CONTEXT, "https://example.org/c.json"]), OK, OK),
    ("validFrom with an offset", put("validFrom", "2026-01-01T00:00:00+00:00"), OK, OK),
    ("validFrom with fractions", put("validFrom", "2026-01-01T00:00:00.123456789-07:00"), OK, OK),
    ("empty evidence", put("evidence", []), OK, OK),
    ("achievementType of one's own", put(f"{ACHIEVEMENT}/achievementType", "ext:Foo"), OK, OK),
    ("no name", drop("name"), OK, OK),
    ("nobody named", drop(f"{SUBJECT}/identifier"), OK, OK),
    ("empty criteria", put(f"{ACHIEVEMENT}/criteria", {}), OK, OK),
    ("extra property on an open class", put(f"{ACHIEVEMENT}/ECTS", 3), OK, OK),
    ("unsigned", drop("proof"), OK, OK),
    ("relative id", put("id", "credentials/1"), ERR, ERR),
    ("id with a space", put("id", "https://example.org/a b"), ERR, ERR),
    ("root type as text", put("type", "OpenBadgeCredential"), ERR, ERR),
    ("neither type of badge", put("type", ["VerifiableCredential", "OpenBadge"]), ERR, ERR),
    ("no VerifiableCredential", put("type", ["OpenBadgeCredential", "Other"]), ERR, ERR),
    ("older type of badge", put("type", ["VerifiableCredential", "AchievementCredential"]), OK, OK),
]


@pytest.mark.parametrize(("change", "strict", "lenient"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_measured_behaviour_of_the_published_schemas(
    plain: dict[str, Any], change: Change, strict: bool, lenient: bool
) -> None:
    change(plain)
    assert judge(plain) == (strict, lenient)


def test_good_badges_pass_both_forms(plain: dict[str, Any], full: dict[str, Any]) -> None:
    for document in (plain, full):
        assert validate(document, BADGE, strict=True) == []
        assert validate(document, BADGE) == []


# Where in FULL a class stands; what it requires besides `type`; what may occur many times; is it closed.
CLASSES: list[tuple[str, str, str, str, bool]] = [
    (
        "AchievementCredential",
        "",
        "@context id credentialSubject issuer validFrom",
        "endorsement endorsementJwt evidence proof credentialSchema termsOfUse",
        False,
    ),
    ("AchievementSubject", SUBJECT, "achievement", "identifier result", False),
    (
        "Achievement",
        ACHIEVEMENT,
        "id name description criteria",
        "alignment endorsement endorsementJwt otherIdentifier related resultDescription tag",
        False,
    ),
    ("Criteria", f"{ACHIEVEMENT}/criteria", "", "", False),
    ("Alignment", f"{ACHIEVEMENT}/alignment/0", "targetName targetUrl", "", False),
    ("Evidence", "evidence/0", "", "", False),
    ("Result", f"{SUBJECT}/result/0", "", "alignment", False),
    (
        "ResultDescription",
        f"{ACHIEVEMENT}/resultDescription/0",
        "id name resultType",
        "alignment allowedValue rubricCriterionLevel",
        False,
    ),
    (
        "RubricCriterionLevel",
        f"{ACHIEVEMENT}/resultDescription/0/rubricCriterionLevel/0",
        "id name",
        "alignment",
        False,
    ),
    ("Profile", "issuer", "id", "endorsement endorsementJwt otherIdentifier", False),
    ("Profile", f"{ACHIEVEMENT}/creator", "id", "endorsement endorsementJwt otherIdentifier", False),
    ("Profile", "issuer/parentOrg", "id", "", False),
    ("Profile", f"{SUBJECT}/source", "id", "", False),
    ("IdentityObject", f"{SUBJECT}/identifier/0", "hashed identityHash identityType", "", True),
    ("IdentifierEntry", "issuer/otherIdentifier/0", "identifier identifierType", "", True),
    ("Image", "image", "id", "", True),
    ("Related", f"{ACHIEVEMENT}/related/0", "id", "", False),
    (
        "EndorsementCredential",
        "endorsement/0",
        "@context id name credentialSubject issuer validFrom",
        "proof credentialSchema termsOfUse",
        False,
    ),
    ("EndorsementSubject", "endorsement/0/credentialSubject", "id", "", False),
    ("Address", "issuer/address", "", "", False),
    ("GeoCoordinates", "issuer/address/geo", "latitude longitude", "", False),
    ("CredentialSchema", "credentialSchema/0", "id", "", False),
    ("RefreshService", "refreshService", "id", "", False),
    ("TermsOfUse", "termsOfUse/0", "", "", False),
    ("Proof", "proof/0", "", "", False),
]
IDS = [f"{row[0]} at {row[1] or 'the root'}" for row in CLASSES]


@pytest.mark.parametrize(("name", "where", "required", "many", "closed"), CLASSES, ids=IDS)
def test_classes_of_the_data_model(
    full: dict[str, Any], name: str, where: str, required: str, many: str, closed: bool
) -> None:
    here = at(full, where)
    pointer = f"/{where}" if where else ""
    needed = required.split() + ([] if name == "Criteria" else ["type"])
    assert here.keys() >= {*needed, *many.split()}
    for key in list(here):
        kept = here[key]

        here[key] = None
        assert judge(full) == (ERR, ERR), f"{key}: null"
        found = validate(full, BADGE, strict=True)
        assert found[0].pointer.startswith(f"{pointer}/{key}"), found

        del here[key]
        expected = ERR if key in needed else OK
        assert judge(full) == (expected, expected), f"{key}: left out"
        if key in needed:
            found = validate(full, BADGE)
            assert (found[0].pointer, found[0].code) == (pointer, "schema_property_missing")
            assert key in found[0].message

        if isinstance(kept, list) and key not in ("@context", "type"):
            assert key in many.split()
            here[key] = kept[0]
            assert judge(full) == (ERR, OK), f"{key}: a single value"
            here[key] = kept * 2
            assert judge(full) == (OK, OK), f"{key}: two values"
        elif key not in ("@context", "type"):
            here[key] = [kept]
            assert judge(full) == (ERR, ERR), f"{key}: a list"
        here[key] = kept

    here["ECTS"] = 1
    assert judge(full) == ((ERR, ERR) if closed else (OK, OK))


WITH_CLASS = [
    row for row in CLASSES if row[0] not in {"Criteria", "Proof", "CredentialSchema", "RefreshService", "TermsOfUse"}
]


@pytest.mark.parametrize("row", WITH_CLASS, ids=[f"{row[0]} at {row[1] or 'the root'}" for row in WITH_CLASS])
def test_type_must_hold_the_class(full: dict[str, Any], row: tuple[str, str, str, str, bool]) -> None:
    here = at(full, row[1])
    kept = here["type"]
    here["type"] = ["SomethingElse"] if isinstance(kept, list) else "SomethingElse"
    assert judge(full) == (ERR, ERR)
    assert validate(full, BADGE)[0].pointer.endswith("/type")
    if isinstance(kept, list) and len(kept) == 1:
        here["type"] = ["SomethingElse", *kept]
        assert judge(full) == (OK, OK)


ENUMERATIONS = {
    f"{ACHIEVEMENT}/achievementType": """
        Achievement ApprenticeshipCertificate Assessment Assignment AssociateDegree Award Badge BachelorDegree
        Certificate CertificateOfCompletion Certification CommunityService Competency Course CoCurricular Degree
        Diploma DoctoralDegree Fieldwork GeneralEducationDevelopment JourneymanCertificate LearningProgram License
        Membership ProfessionalDoctorate QualityAssuranceCredential MasterCertificate MasterDegree MicroCredential
        ResearchDoctorate SecondarySchoolDiploma""",
    f"{ACHIEVEMENT}/alignment/0/targetType": """
        ceasn:Competency ceterms:Credential CFItem CFRubric CFRubricCriterion CFRubricCriterionLevel CTDL""",
    f"{ACHIEVEMENT}/resultDescription/0/resultType": """
        GradePointAverage LetterGrade Percent PerformanceLevel PredictedScore RawScore Result RubricCriterion
        RubricCriterionLevel RubricScore ScaledScore Status""",
    f"{SUBJECT}/identifier/0/identityType": """
        name sourcedId systemId productId userName accountId emailAddress nationalIdentityNumber isbn issn
        lisSourcedId oneRosterSourcedId sisSourcedId ltiContextId ltiDeploymentId ltiToolId ltiPlatformId ltiUserId
        identifier""",
}
ENUMERATIONS["issuer/otherIdentifier/0/identifierType"] = ENUMERATIONS[f"{SUBJECT}/identifier/0/identityType"]
ENUMERATIONS[f"{SUBJECT}/result/0/status"] = "Completed Enrolled Failed InProgress OnHold Provisional Withdrew"


@pytest.mark.parametrize("path", ENUMERATIONS)
def test_enumerations(full: dict[str, Any], path: str) -> None:
    open_to_others = not path.endswith("status")
    for word in ENUMERATIONS[path].split():
        put(path, word)(full)
        assert judge(full) == (OK, OK), word
        put(path, word.swapcase())(full)
        assert judge(full) == (ERR, ERR), word.swapcase()
    put(path, "ext:Own.Term_1|a-b")(full)
    assert judge(full) == ((OK, OK) if open_to_others else (ERR, ERR))
    for word in ("email", "ext:", "", "ext", None, 1):
        put(path, word)(full)
        assert judge(full) == (ERR, ERR), word


def test_language_codes(plain: dict[str, Any]) -> None:
    for code, good in [("en", OK), ("en-US", OK), ("zh-Hant-TW", OK), ("es-419", OK), ("EN", ERR), ("e", ERR)]:
        put(f"{ACHIEVEMENT}/inLanguage", code)(plain)
        assert judge(plain) == (good, good), code


# --- the other schemas ------------------------------------------------------------------------------------------------


def as_version_1(document: dict[str, Any]) -> dict[str, Any]:
    document["@context"] = ["https://www.w3.org/2018/credentials/v1", OB_CONTEXT]
    document["issuanceDate"] = document.pop("validFrom")
    document["expirationDate"] = document.pop("validUntil")
    return document


def test_vcdm_1_1_form_of_a_badge(plain: dict[str, Any]) -> None:
    assert judge(plain, "AnyAchievementCredential") == (OK, OK)
    old = as_version_1(plain)
    assert judge(old, "AnyAchievementCredential") == (OK, OK)
    assert judge(old) == (ERR, ERR)
    for change in (drop("name"), drop("issuanceDate"), put("issuer", "https://badges.example.org/issuers/1")):
        again = as_version_1(fresh(FULL))
        change(again)
        assert judge(again, "AnyAchievementCredential") == (ERR, ERR)


def test_endorsements_on_their_own(full: dict[str, Any]) -> None:
    endorsement = full["endorsement"][0]
    assert judge(endorsement, "EndorsementCredential") == (OK, OK)
    assert judge(full, "EndorsementCredential") == (ERR, ERR)
    assert judge(as_version_1(endorsement), "AnyEndorsementCredential") == (OK, OK)


def test_profile_and_achievement_on_their_own(full: dict[str, Any]) -> None:
    assert judge(full["issuer"], "Profile") == (OK, OK)
    assert judge(full[SUBJECT]["achievement"], "Achievement") == (OK, OK)
    assert judge(full["issuer"], "Achievement") == (ERR, ERR)


CLR: dict[str, Any] = {
    "@context": [V2, "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json", OB_CONTEXT],
    "id": "https://badges.example.org/records/1",
    "type": ["VerifiableCredential", "ClrCredential"],
    "name": "Everything earned",
    "issuer": PLAIN["issuer"],
    "validFrom": "2026-01-01T00:00:00Z",
    "partial": True,
    "credentialSubject": {
        "id": "did:example:teacher",
        "type": ["ClrSubject"],
        "verifiableCredential": [PLAIN],
        "achievement": [PLAIN[SUBJECT]["achievement"]],
        "association": [
            {
                "type": "Association",
                "associationType": "isPartOf",
                "sourceId": "https://badges.example.org/achievements/py2",
                "targetId": "https://badges.example.org/achievements/all",
            }
        ],
    },
}


@pytest.mark.parametrize(
    ("change", "good"),
    [
        (put("partial", True), OK),
        (put("partial", "true"), ERR),
        (put("@context", [CLR["@context"][0], CLR["@context"][2], CLR["@context"][1]]), ERR),
        (put("@context", CLR["@context"][:2]), ERR),
        (drop("name"), ERR),
        (put("type", ["VerifiableCredential", "AchievementCredential"]), ERR),
        (put(f"{SUBJECT}/verifiableCredential", []), ERR),
        (drop(f"{SUBJECT}/verifiableCredential"), ERR),
        (put(f"{SUBJECT}/association/0/associationType", "likes"), ERR),
        (put(f"{SUBJECT}/association/0/note", "x"), ERR),
        (drop(f"{SUBJECT}/association/0/targetId"), ERR),
    ],
)
def test_learner_record(change: Change, good: bool) -> None:
    record = fresh(CLR)
    change(record)
    assert judge(record, "ClrCredential") == (good, good)


STATUS_LIST: dict[str, Any] = {
    "@context": [V2],
    "id": "https://badges.example.org/status/1",
    "type": ["VerifiableCredential", "BitstringStatusListCredential"],
    "issuer": "https://badges.example.org/issuers/1",
    "validFrom": "2026-01-01T00:00:00Z",
    "credentialSubject": {
        "id": "https://badges.example.org/status/1#list",
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA",
        "ttl": 300000,
    },
    "proof": PLAIN["proof"][0],
}


@pytest.mark.parametrize(
    ("change", "strict", "lenient"),
    [
        (put("name", "A list"), OK, OK),
        (put("issuer", {"id": "https://badges.example.org/issuers/1"}), OK, OK),
        (put("proof", [PLAIN["proof"][0]]), OK, OK),
        (put(f"{SUBJECT}/type", ["BitstringStatusList"]), OK, OK),
        (put(f"{SUBJECT}/statusPurpose", ["revocation"]), ERR, OK),
        (put(f"{SUBJECT}/statusPurpose", 1), ERR, ERR),
        (put(f"{SUBJECT}/encodedList", "H4sI,AAA"), ERR, ERR),
        (put(f"{SUBJECT}/encodedList", "uH4sI="), ERR, ERR),
        (put(f"{SUBJECT}/ttl", "300000"), ERR, ERR),
        (put(f"{SUBJECT}/statusSize", 0), ERR, ERR),
        (drop(f"{SUBJECT}/encodedList"), ERR, ERR),
        (put("type", ["VerifiableCredential"]), ERR, ERR),
        (put("@context", [OB_CONTEXT]), ERR, ERR),
        (drop("issuer"), ERR, ERR),
        (put("validFrom", "2026-01-01"), ERR, ERR),
    ],
)
def test_status_list(change: Change, strict: bool, lenient: bool) -> None:
    document = fresh(STATUS_LIST)
    change(document)
    assert judge(document, "BitstringStatusListCredential") == (strict, lenient)


# --- a second opinion -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strict", [True, False])
def test_another_validator_agrees(strict: bool) -> None:
    checker = jsonschema.FormatChecker(formats=())
    for name, function in FORMATS.items():
        checker.checks(name)(lambda value, holds=function: not isinstance(value, str) or holds(value))
    schema = json_schema(BADGE, strict=strict)
    jsonschema.Draft201909Validator.check_schema(schema)
    other = jsonschema.Draft201909Validator(schema, format_checker=checker)
    for label, change, *_ in TABLE:
        document = fresh(PLAIN)
        change(document)
        assert other.is_valid(document) == (not validate(document, BADGE, strict=strict)), label
