"""Pictures of a microcredential: its badge as SVG and PNG, and the QR code of a credential."""

from issuer.credentials.artwork.badge import Design, badge_png, badge_svg
from issuer.credentials.artwork.card import card_png
from issuer.credentials.artwork.qr import qr_svg

__all__ = ["Design", "badge_png", "badge_svg", "card_png", "qr_svg"]
