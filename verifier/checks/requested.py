"""What the caller asked a holder for: words that make a presentation one for this occasion, and for nobody else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PresentationRequest:
    """With one, only a presentation is accepted, and its proof must name what was asked for.

    Attributes:
        challenge: random text that the caller sent to the holder; "" if there was none. Without it, a presentation
            that was shown to somebody else can be shown again.
        domain: the caller's own name, such as its host; "" if none was given.
    """

    challenge: str = ""
    domain: str = ""
