"""Rows and their constraints. No I/O, no JSON building, no overridden `save`."""

from issuer.models.accounts import (
    MEMBER_ROLES,
    DidChallenge,
    MemberInvitation,
    Membership,
    Organisation,
    Role,
    User,
    UserSession,
)
from issuer.models.awards import Credential, Reissue, SigningKey, StatusEntry, StatusList
from issuer.models.catalogue import AchievementRow, AchievementVersion, CompetencyRow, FrameworkRow
from issuer.models.keys import ApiKey, IdempotentRequest, KeyConsent
from issuer.models.records import MemberRecord
from issuer.models.submissions import Answer, EvidenceItem, Finding, Review, Submission
from issuer.models.trail import AuditEvent, WorkerHeartbeat
from issuer.models.unsent import UnsentForm
from issuer.models.verifications import BULK_STATES, BulkRow, BulkStatusList, BulkUploadPart, BulkVerification

__all__ = [
    "BULK_STATES",
    "MEMBER_ROLES",
    "AchievementRow",
    "AchievementVersion",
    "Answer",
    "ApiKey",
    "AuditEvent",
    "BulkRow",
    "BulkStatusList",
    "BulkUploadPart",
    "BulkVerification",
    "CompetencyRow",
    "Credential",
    "DidChallenge",
    "EvidenceItem",
    "Finding",
    "FrameworkRow",
    "IdempotentRequest",
    "KeyConsent",
    "MemberInvitation",
    "MemberRecord",
    "Membership",
    "Organisation",
    "Reissue",
    "Review",
    "Role",
    "SigningKey",
    "StatusEntry",
    "StatusList",
    "Submission",
    "UnsentForm",
    "User",
    "UserSession",
    "WorkerHeartbeat",
]
