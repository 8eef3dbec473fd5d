"""`badgewright` and `python -m verifier`."""

from verifier.cli import badgewright


def main() -> None:
    badgewright(prog_name="badgewright")


if __name__ == "__main__":
    main()
