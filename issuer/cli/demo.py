"""`badgewright demo`: the whole path from a district's files to a badge that anyone can verify, without a browser."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from issuer.cli.group import ServiceCommand

_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.command(cls=ServiceCommand)
@click.option("--framework", type=_FILE, help="Competency framework (CASE 1.0 or 1.1 package). Default: one of ours.")
@click.option(
    "--definitions", type=_FILE, help="Microcredential definitions. Default: made from the framework, or ours."
)
@click.option("--microcredential", metavar="KEY", help="Which one of the definitions to earn. Default: the first.")
@click.option("--evidence", multiple=True, type=_FILE, help="A file to hand in; may be given several times.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("badgewright-demo"),
    show_default=True,
    help="Folder for the badge and what is needed to verify it.",
)
@click.pass_context
def demo(
    ctx: click.Context,
    framework: Path | None,
    definitions: Path | None,
    microcredential: str | None,
    evidence: tuple[Path, ...],
    out: Path,
) -> None:
    """Walk the whole path: import, publish, submit, review, approve, issue, share, verify.

    Everything happens in a throw-away database, through the same services and the same durable job as in the running
    service. What is left in the folder: badge.json, badge.png, badge.svg, did.json, status-list.json and trust.json.
    They are then verified from those files alone, offline, and the report is printed.

    Exit code: 0 verified, 1 something went wrong on the way, 2 a file cannot be used.
    """
    from issuer.cli.demo_story import BadFile, Files, tell
    from issuer.errors import ServiceError
    from verifier.cli import verify

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.BadParameter(f"{out}: {error.strerror}.", param_hint="--out") from error
    with tempfile.TemporaryDirectory(prefix="badgewright-demo-") as folder:
        try:
            written = tell(Path(folder), Files(framework, definitions, microcredential, evidence), out)
        except BadFile as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(2)
        except ServiceError as error:
            raise click.ClickException(error.message) from error

    click.echo("\nVerified from these files alone, offline, as a stranger would:\n")
    arguments = ["--offline", "--did-document", str(out / "did.json"), "--status-list", str(out / "status-list.json")]
    arguments += ["--trust", str(out / "trust.json")]
    code = verify.main(
        [*(str(path) for path in written), *arguments], prog_name="badgewright verify", standalone_mode=False
    )
    click.echo(f"Verify it yourself:\n  badgewright verify {written[0]} {' '.join(arguments)}")
    ctx.exit(int(code or 0))
