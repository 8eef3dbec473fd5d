"""Install the peers once and measure them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from schemas import bundle
from tests.benchmarks import badge
from verifier import proofs
from verifier.formats import multibase, multikey

_FOLDER = Path(__file__).parent
_HOME = _FOLDER.parents[2] / ".bench"
PYTHON_PEERS = ("openbadgeslib[ldp]==4.6.3", "openvc-core==1.37.0", "pyld")
NODE_PEERS = (
    "@digitalbazaar/vc@7",
    "@digitalbazaar/data-integrity",
    "@digitalbazaar/eddsa-rdfc-2022-cryptosuite",
    "@digitalbazaar/ed25519-multikey",
)
DID = f"did:key:{multikey.encode(badge.PUBLIC)}"


def without_status() -> dict[str, Any]:
    """The badge that every peer can judge alone: a did:key issuer, no status list to fetch."""
    unsigned = badge.unsigned(issuer=DID)
    del unsigned["credentialStatus"]
    return unsigned


def secured() -> dict[str, Any]:
    return proofs.secure(without_status(), badge.Signer(f"{DID}#{multikey.encode(badge.PUBLIC)}"), badge.NOW)


def measure(between: Callable[[], None], seconds: float = 2.0) -> Iterator[tuple[str, Mapping[str, float] | str]]:
    """Each peer with the seconds that one operation of it takes, or with why it could not be measured.

    `between` is called before the first one and after each one.
    """
    task = {
        "unsigned": without_status(),
        "secured": secured(),
        "contexts": {url: json.loads(bundle.load(url)) for url in bundle.urls()},
        "seed": badge.PRIVATE.private_bytes_raw().hex(),
        "secretKeyMultibase": multibase.encode_base58(b"\x80\x26" + badge.PRIVATE.private_bytes_raw()),
        "now": badge.NOW.isoformat().replace("+00:00", "Z"),
        "seconds": seconds,
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(task, file)
        file.flush()
        between()
        for name, prepare, script in PEERS:
            yield name, _run(prepare, script, file.name)
            between()


def _run(prepare: Callable[[str], list[str]], script: str, task: str) -> Mapping[str, float] | str:
    try:
        command = prepare(script)
        done = subprocess.run([*command, task], capture_output=True, text=True, check=True, timeout=180)
    except FileNotFoundError as missing:
        return f"not installed here: {missing.filename}"
    except subprocess.CalledProcessError as failed:
        said = [line for line in (failed.stderr or failed.stdout or "failed").splitlines() if "rror" in line]
        return (said or ["failed"])[0].strip()[:100]
    except subprocess.TimeoutExpired:
        return "took more than three minutes"
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _python(script: str) -> list[str]:
    python = _HOME / "python" / "bin" / "python"
    stamp = _HOME / "python" / "installed"
    if not stamp.exists():
        subprocess.run([sys.executable, "-m", "venv", str(_HOME / "python")], check=True, capture_output=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PYTHON_PEERS]
        subprocess.run(pip, check=True, capture_output=True, text=True, timeout=600)
        stamp.touch()
    return [str(python), str(_FOLDER / script)]


def _node(script: str) -> list[str]:
    folder = _HOME / "node"
    stamp = folder / "installed"
    if not stamp.exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true, "type": "module"}')
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", *NODE_PEERS]
        subprocess.run(npm, check=True, capture_output=True, text=True, timeout=600, cwd=folder)
        stamp.touch()
    # Node looks for packages beside the script.
    shutil.copy(_FOLDER / script, folder / script)
    return ["node", str(folder / script)]


PEERS: tuple[tuple[str, Callable[[str], list[str]], str], ...] = (
    ("openbadgeslib 4.6.3", _python, "openbadgeslib_peer.py"),
    ("openvc-core 1.37.0", _python, "openvc_peer.py"),
    ("@digitalbazaar/vc 7", _node, "digitalbazaar.mjs"),
)
