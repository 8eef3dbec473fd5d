"""The service's commands, added to `badgewright` by the entry point `badgewright.commands`.

The files of this folder import only click and the standard library at their top; what needs the server's parts is
imported inside the command. So `badgewright verify` starts quickly, also where only the verifier is installed.
"""

from __future__ import annotations

from issuer.cli.demo import demo
from issuer.cli.group import ServiceGroup
from issuer.cli.key import key

#: Every command of the service; `verifier.cli` adds each of them to `badgewright`.
commands = ServiceGroup("service", help="Commands of the issuing service.")
commands.add_command(demo)
commands.add_command(key)

__all__ = ["commands"]
