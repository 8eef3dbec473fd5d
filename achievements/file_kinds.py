"""Media types and kinds of evidence as people call them. Sentences for a person never name a media type."""

from __future__ import annotations

from collections.abc import Iterable

from achievements.model import EvidenceKind

#: Media types as people call them. Pictures, sound and video are named by family and format.
_NAMES = {
    "application/pdf": "PDF",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel spreadsheet",
    "application/vnd.oasis.opendocument.text": "OpenDocument text",
    "application/vnd.oasis.opendocument.presentation": "OpenDocument presentation",
    "application/vnd.oasis.opendocument.spreadsheet": "OpenDocument spreadsheet",
    "text/plain": "plain text",
    "text/csv": "CSV table",
    "text/markdown": "Markdown text",
    "text/*": "text",
    "text/html": "web page",
}
_FAMILIES = {"image": "picture", "audio": "sound recording", "video": "video"}
_FORMATS = {"mpeg": "MP3", "quicktime": "QuickTime", "webp": "WebP", "webm": "WebM", "svg+xml": "SVG"}
_KINDS = {
    EvidenceKind.FILE: "a file",
    EvidenceKind.IMAGE: "a picture",
    EvidenceKind.VIDEO: "a video",
    EvidenceKind.AUDIO: "a sound recording",
    EvidenceKind.LINK: "a link",
    EvidenceKind.TEXT: "text",
}


def describe(media_types: Iterable[str]) -> str:
    """`PDF, Word document, picture (JPEG, PNG)`."""
    formats: dict[str, list[str]] = {}
    for each in media_types:
        media_type = each.split(";", 1)[0].strip().lower()
        family, _, kind = media_type.partition("/")
        if family in _FAMILIES:
            formats.setdefault(_FAMILIES[family], []).append(_FORMATS.get(kind, kind.removeprefix("x-").upper()))
        else:
            formats.setdefault(_NAMES.get(media_type) or _by_subtype(kind), [])
    return ", ".join(
        f"{name} ({', '.join(dict.fromkeys(listed))})" if listed and "*" not in listed else name
        for name, listed in formats.items()
    )


def one_of(kinds: Iterable[EvidenceKind]) -> str:
    """`a file, a picture or a link`."""
    names = [_KINDS[each] for each in kinds]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def size(count: int) -> str:
    """A size in bytes for a person, in powers of 1024: `25 MB`."""
    for unit, factor in (("GB", 1024**3), ("MB", 1024**2), ("KB", 1024)):
        if count >= factor:
            return f"{count / factor:.1f}".removesuffix(".0") + f" {unit}"
    return f"{count} bytes"


def _by_subtype(kind: str) -> str:
    """For types that no table here names: `ZIP file`."""
    name = kind.removeprefix("x-").rsplit(".", 1)[-1].split("+", 1)[0]
    return f"{name.upper()} file" if name and name not in ("*", "octet-stream") else "file of unknown kind"
