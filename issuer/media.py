"""What kind of file this is, told by its content. What the browser says, and the file's name, are only claims.

A type that is not in this table is not accepted: among those left out on purpose are HTML and SVG (they can carry
scripts), programs and archives, office files with macros, and the old binary office formats (they can hide macros).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

from achievements import file_kinds

_TEXT = "text/plain"
#: Media type -> file name extensions, the usual one first.
EXTENSIONS: dict[str, tuple[str, ...]] = {
    "application/pdf": ("pdf",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ("pptx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx",),
    "application/vnd.oasis.opendocument.text": ("odt",),
    "application/vnd.oasis.opendocument.presentation": ("odp",),
    "application/vnd.oasis.opendocument.spreadsheet": ("ods",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/heic": ("heic", "heif"),
    "audio/mpeg": ("mp3",),
    "audio/wav": ("wav",),
    "audio/ogg": ("ogg", "oga", "opus"),
    "audio/flac": ("flac",),
    "audio/mp4": ("m4a",),
    "video/mp4": ("mp4", "m4v"),
    "video/quicktime": ("mov",),
    "video/webm": ("webm", "mkv"),
    "text/plain": ("txt", "text", "vtt", "srt"),
    "text/csv": ("csv",),
    "text/markdown": ("md", "markdown"),
}
#: Sound and video that may be played in the browser's own player.
PLAYED = frozenset(
    {
        *("audio/mpeg", "audio/wav", "audio/ogg", "audio/flac", "audio/mp4"),
        *("video/mp4", "video/quicktime", "video/webm"),
    }
)
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
_OFFICE_PARTS = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: What browsers say when they do not know, or out of old habit; none of it contradicts anything.
_UNSPECIFIC = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/x-download"})
_ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/heif": "image/heic",
    "audio/mp3": "audio/mpeg",
    "audio/x-mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/x-flac": "audio/flac",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/webm": "video/webm",
    "video/x-matroska": "video/webm",
    "video/ogg": "audio/ogg",
    "application/ogg": "audio/ogg",
    "video/x-m4v": "video/mp4",
    "application/x-pdf": "application/pdf",
}
#: Claims that are commonly made about a file whose content is of the second kind.
_TOLERATED = {
    "application/zip": "application/vnd.",
    "application/x-zip-compressed": "application/vnd.",
    "application/vnd.ms-excel": "text/",
    "text/": "text/",
    "application/csv": "text/",
}
_HEAD = 65_536
_MARKUP = re.compile(rb"<\s*(?:!doctype|html|head|body|script|iframe|svg|\?xml|!--)", re.IGNORECASE)
_BAD_IN_NAME = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]')
_MAX_ENTRIES = 10_000


@dataclass(frozen=True, slots=True)
class Sniffed:
    """`media_type` is "" for content of no accepted kind. `contradicts`: the claim says something else."""

    media_type: str
    contradicts: bool


def sniff(file: BinaryIO, *, name: str = "", declared: str = "") -> Sniffed:
    """Look at the content, then compare with what was claimed. `file` stands at its start before and after."""
    head = file.read(_HEAD)
    file.seek(0)
    found = _by_content(head, file)
    file.seek(0)
    if found == _TEXT:
        extension = PurePath(name).suffix.lower().lstrip(".")
        found = next((kind for kind in ("text/csv", "text/markdown") if extension in EXTENSIONS[kind]), _TEXT)
    return Sniffed(found, bool(found) and not _agrees(found, declared))


def is_played(media_type: str) -> bool:
    """Sound or video in a format that browsers play."""
    return media_type in PLAYED


def safe_name(name: str, media_type: str) -> str:
    """The file's own name without folders and control characters, ending as its content demands; at most 200 long."""
    name = re.split(r"[/\\]", name)[-1]
    name = _BAD_IN_NAME.sub("", name).strip(" .") or "file"
    extensions = EXTENSIONS[media_type]
    stem, dot, extension = name.rpartition(".")
    if not dot or extension.lower() not in extensions:
        stem, extension = name, extensions[0]
    return f"{stem[: 199 - len(extension)]}.{extension}"


def describe(media_type: str) -> str:
    """What a person calls a file of this type: `Word document`, `picture (PNG)`."""
    return describe_all([media_type])


def describe_all(media_types: Iterable[str]) -> str:
    """The same for several: `PDF, Word document, picture (JPEG, PNG)`."""
    bare = [each.split(";", 1)[0].strip().lower() for each in media_types]
    return file_kinds.describe([_ALIASES.get(each, each) for each in bare])


def _agrees(found: str, declared: str) -> bool:
    claim = declared.split(";", 1)[0].strip().lower()
    claim = _ALIASES.get(claim, claim)
    if claim in _UNSPECIFIC or claim == found:
        return True
    if {claim, found} in ({"video/mp4", "audio/mp4"}, {"video/mp4", "video/quicktime"}):
        # One container; the brand inside does not always tell sound from picture.
        return True
    return any(claim.startswith(said) and found.startswith(meant) for said, meant in _TOLERATED.items())


def _by_content(head: bytes, file: BinaryIO) -> str:
    for signature, media_type in _SIGNATURES:
        if head.startswith(signature):
            return media_type
    if head[:4] == b"RIFF":
        return {b"WAVE": "audio/wav", b"WEBP": "image/webp"}.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12])
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(file)
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[2] & 0xF0 not in (0x00, 0xF0):
        # MPEG audio frame without ID3: sync, layer III, a bit rate that exists.
        return "audio/mpeg"
    return _TEXT if _is_text(head) else ""


def _iso_media(brand: bytes) -> str:
    if brand in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
        return "image/heic"
    if brand == b"qt  ":
        return "video/quicktime"
    if brand in (b"M4A ", b"M4B "):
        return "audio/mp4"
    return "video/mp4" if brand[:3] in (b"iso", b"mp4", b"M4V", b"avc", b"MSN", b"3gp", b"das") else ""


def _in_zip(file: BinaryIO) -> str:
    """Office documents are ZIP files. Only the list of names is read, and one stored entry of known length."""
    try:
        with zipfile.ZipFile(file) as archive:
            if len(archive.infolist()) > _MAX_ENTRIES:
                return ""
            names = set(archive.namelist())
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                return ""
            if "[Content_Types].xml" in names:
                return next((kind for part, kind in _OFFICE_PARTS.items() if part in names), "")
            if "mimetype" in names and archive.getinfo("mimetype").compress_type == zipfile.ZIP_STORED:
                claimed = archive.open("mimetype").read(200).decode("ascii")
                return claimed if claimed.startswith("application/vnd.oasis.") and claimed in EXTENSIONS else ""
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, RuntimeError, EOFError, KeyError):
        # Everything that zipfile raises on a file that is damaged, encrypted or made to confuse.
        return ""
    return ""


def _is_text(head: bytes) -> bool:
    """UTF-8 without control characters, and nothing that a browser would take for a page."""
    if not head.strip() or _MARKUP.search(head[:1024]) is not None:
        return False
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The last character may be cut off at the end of what was read.
        if len(head) < _HEAD or error.start < len(head) - 4:
            return False
        text = head[: error.start].decode("utf-8")
    return not any(ord(char) < 32 and char not in "\t\n\r\f" for char in text)
