"""What the caller asked a holder for: what makes a presentation one for this occasion, by this person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PresentationRequest:
    """With one, only a presentation is accepted, and its proof must name what was asked for.

    Attributes:
        challenge: random text that the caller sent to the holder; "" if there was none. Without it, a presentation
            that was shown to somebody else can be shown again.
        domain: the caller's own name, such as its host; "" if none was given.
        holder_is_subject: it fails unless every credential inside is about the holder, by the id that the issuer
            signed. Otherwise a difference leaves the answer open.
        extensions: types, members and inline contexts beyond those of a presentation are read, as the data model
            allows. For callers that show nobody what a presentation says of itself.
    """

    challenge: str = ""
    domain: str = ""
    holder_is_subject: bool = False
    extensions: bool = False
