"""Reading other people's files. `read(data)` finds the format by the content and never raises for a bad file."""

from achievements.imports.registry import BADGE_FORMATS, FORMATS, Format, detect, read
from achievements.imports.result import ImportResult

__all__ = ["BADGE_FORMATS", "FORMATS", "Format", "ImportResult", "detect", "read"]
