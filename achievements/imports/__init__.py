"""Reading other people's files. `read(data)` finds the format by the content and never raises for a bad file."""

from achievements.imports.registry import FORMATS, Format, detect, read
from achievements.imports.result import ImportResult

__all__ = ["FORMATS", "Format", "ImportResult", "detect", "read"]
