"""The lint: what the official 1EdTech validator is going to say, before an issuer asks it.

    from verifier.lint import lint

    report = lint(data, fetcher=HttpsFetcher())
    print(report.passes, [probe.outcome for probe in report.probes])

It re-implements the validator's probes with their severities from their published behaviour. It is no verification: it
believes what the validator believes, a key in a URL fragment for one. Whether to rely on a credential is for
`verifier.Verifier` to say.
"""

from verifier.lint.display import print_lint
from verifier.lint.inspector import lint
from verifier.lint.result import LintReport, Message, Probe, Severity, lint_to_json

__all__ = ["LintReport", "Message", "Probe", "Severity", "lint", "lint_to_json", "print_lint"]
