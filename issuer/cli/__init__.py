"""The service's commands, added to `badgewright` by the entry point `badgewright.commands`.

The files of this folder import only click and the standard library at their top; what needs the server's parts is
imported inside the command. So `badgewright verify` starts quickly, also where only the verifier is installed.
"""

from __future__ import annotations

from issuer.cli.api_key import api_key
from issuer.cli.demo import demo
from issuer.cli.group import ServiceGroup
from issuer.cli.importing import import_
from issuer.cli.installing import init, migrate, org, user
from issuer.cli.key import key
from issuer.cli.record import record
from issuer.cli.serving import serve, worker

#: Every command of the service; `verifier.cli` adds each of them to `badgewright`.
commands = ServiceGroup("service", help="Commands of the issuing service.")
for command in (api_key, demo, import_, init, key, migrate, org, record, serve, user, worker):
    commands.add_command(command)

__all__ = ["commands"]
