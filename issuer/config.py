"""Every setting of the service: typed, documented, checked at start.

Settings come from the environment and, for the two secrets alone, from `secrets.json` in the data folder, which
`badgewright init` and `badgewright serve` make once. A setting that is wrong stops the start with a sentence that names
the variable; nothing is guessed.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import secrets as random_secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

#: Shorter secrets can be guessed offline from one signed cookie.
MIN_SECRET = 32
#: Of the token for /metrics.
MIN_TOKEN = 16
#: Of hours and days of a session, and of minutes without being asked for the password.
MAX_SESSION = 366
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
#: Flask-Limiter takes what it cannot read for no limit at all.
_RATES = re.compile(r"[1-9]\d* per (second|minute|hour|day)(; ?[1-9]\d* per (second|minute|hour|day))*")
VC_API = ("on", "verify", "off")
LOG_LEVELS = ("debug", "info", "warning", "error")
_LOCAL_HOSTS = frozenset({"localhost", "localhost.localdomain"})


class ConfigError(Exception):
    """A setting is missing or wrong. The message is one sentence that names the variable."""


def _about(variable: str, meaning: str) -> dict[str, str]:
    return {"variable": variable, "meaning": meaning}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings. Build it with `from_environ`; tests may build it directly, the same checks run."""

    base_url: str = field(
        default="http://localhost:8000",
        metadata=_about(
            "BADGEWRIGHT_BASE_URL",
            "Public address of this installation, without a path. Every identifier in a credential starts"
            " with it, so it must never change once something has been issued. A name, never an IP address:"
            " did:web forbids those.",
        ),
    )
    var: Path = field(
        default=Path("var"), metadata=_about("BADGEWRIGHT_VAR", "Folder for the database, evidence, mail and secrets.")
    )
    database_url: str = field(
        default="",
        repr=False,
        metadata=_about(
            "DATABASE_URL", "`postgresql://…` or `sqlite:///…`. Default: a SQLite file in the data folder."
        ),
    )
    storage_url: str = field(
        default="",
        metadata=_about(
            "BADGEWRIGHT_STORAGE_URL",
            "Where evidence files are kept, as fsspec writes it: a folder, `s3://bucket/path`, … Default:"
            " `evidence` in the data folder.",
        ),
    )
    secret_key: str = field(
        default="",
        repr=False,
        metadata=_about("BADGEWRIGHT_SECRET_KEY", "Signs sessions and password links. At least 32 characters."),
    )
    key_secret: str = field(
        default="",
        repr=False,
        metadata=_about(
            "BADGEWRIGHT_KEY_SECRET",
            "Encrypts the issuers' private keys at rest. At least 32 characters, and never the same as the"
            " session secret.",
        ),
    )
    trust_files: tuple[tuple[Path, str], ...] = field(
        default=(),
        metadata=_about(
            "BADGEWRIGHT_TRUST_FILES",
            "Trust registries, separated by `;`: the issuers that are recognised here beside this installation's own"
            " organisations. `FILE#sha256=HEX` accepts that very file only. See docs/trust-registry.md.",
        ),
    )
    trust_signers: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            "BADGEWRIGHT_TRUST_SIGNERS",
            "DIDs, separated by `;`. Every trust registry must then be signed by one of them.",
        ),
    )
    vc_api: str = field(
        default="on",
        metadata=_about(
            "BADGEWRIGHT_VC_API",
            "The W3C VC API under `/vc-api`: `on`, `verify` (nothing that signs) or `off`. See `docs/vc-api.md`.",
        ),
    )
    vc_api_identities: Path | None = field(
        default=None,
        metadata=_about(
            "BADGEWRIGHT_VC_API_IDENTITIES",
            "JSON file with keys that the VC API signs with, beside those of organisations. Keep it readable by the"
            " service alone.",
        ),
    )
    vc_api_rate: str = field(
        default="600 per minute",
        metadata=_about(
            "BADGEWRIGHT_VC_API_RATE", "How often one address may use the VC API, as Flask-Limiter writes it."
        ),
    )
    max_upload_bytes: int = field(
        default=100 * 1024 * 1024,
        metadata=_about("BADGEWRIGHT_MAX_UPLOAD_BYTES", "Largest evidence file, whatever a microcredential allows."),
    )
    max_import_bytes: int = field(
        default=20 * 1024 * 1024,
        metadata=_about("BADGEWRIGHT_MAX_IMPORT_BYTES", "Largest framework or definition file."),
    )
    max_bulk_bytes: int = field(
        default=200 * 1024 * 1024,
        metadata=_about("BADGEWRIGHT_MAX_BULK_BYTES", "Largest file with many credentials that an agency may hand in."),
    )
    bulk_days: int = field(
        default=30,
        metadata=_about(
            "BADGEWRIGHT_BULK_DAYS",
            "Days after which the answers of a bulk verification are deleted; its counts and receipt stay.",
        ),
    )
    session_idle_hours: int = field(
        default=12,
        metadata=_about(
            "BADGEWRIGHT_SESSION_IDLE_HOURS",
            "Hours without a request after which somebody is signed out, unless they chose to stay signed in.",
        ),
    )
    session_days: int = field(
        default=30,
        metadata=_about(
            "BADGEWRIGHT_SESSION_DAYS", "Days after a sign-in at which it ends in any case, “Stay signed in” included."
        ),
    )
    confirm_minutes: int = field(
        default=15,
        metadata=_about(
            "BADGEWRIGHT_CONFIRM_MINUTES",
            "Minutes after which a password is asked for again before keys, roles, revocations and one's own account"
            " are changed.",
        ),
    )
    api_key_max_days: int = field(
        default=365,
        metadata=_about("BADGEWRIGHT_API_KEY_MAX_DAYS", "Days that an API key works at most, unless it is rotated."),
    )
    mail_url: str = field(
        default="",
        repr=False,
        metadata=_about(
            "BADGEWRIGHT_MAIL_URL",
            "`smtp://user:password@host:587` (STARTTLS) or `smtps://…`. Without it mail is written to `mail`"
            " in the data folder.",
        ),
    )
    mail_from: str = field(
        default="badges@localhost", metadata=_about("BADGEWRIGHT_MAIL_FROM", "Sender of every mail.")
    )
    proxies: int = field(
        default=0,
        metadata=_about(
            "BADGEWRIGHT_PROXIES", "How many reverse proxies of ours stand in front and set X-Forwarded-*."
        ),
    )
    rate_limit_storage: str = field(
        default="memory://",
        repr=False,
        metadata=_about(
            "BADGEWRIGHT_RATE_LIMIT_STORAGE",
            "Where requests and wrong passwords are counted, as the package limits writes it. In memory each process"
            " counts for itself; `redis://host:6379` counts for all (needs the package redis).",
        ),
    )
    metrics_token: str = field(
        default="",
        repr=False,
        metadata=_about(
            "BADGEWRIGHT_METRICS_TOKEN",
            "Prometheus sends it as a bearer token to /metrics. Without it there is no such page.",
        ),
    )
    log_level: str = field(
        default="info", metadata=_about("BADGEWRIGHT_LOG_LEVEL", "`debug`, `info`, `warning` or `error`.")
    )

    def __post_init__(self) -> None:
        _check_base_url(self.base_url)
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{(self.var / 'badgewright.sqlite3').absolute()}")
        if not self.database_url.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://", "postgres://")):
            raise ConfigError("DATABASE_URL must start with sqlite:/// or postgresql://.")
        if not self.storage_url:
            object.__setattr__(self, "storage_url", str((self.var / "evidence").absolute()))
        for value, variable in (
            (self.secret_key, "BADGEWRIGHT_SECRET_KEY"),
            (self.key_secret, "BADGEWRIGHT_KEY_SECRET"),
        ):
            if not value:
                raise ConfigError(f"{variable} is not set. `badgewright init` makes both secrets once.")
            if len(value) < MIN_SECRET:
                raise ConfigError(f"{variable} is too short: {MIN_SECRET} characters or more are needed.")
        if self.secret_key == self.key_secret:
            raise ConfigError("BADGEWRIGHT_KEY_SECRET must differ from BADGEWRIGHT_SECRET_KEY.")
        for path, digest in self.trust_files:
            if not path.is_file():
                raise ConfigError(f"BADGEWRIGHT_TRUST_FILES names {path}, which is not a file.")
            if digest and not _SHA256.fullmatch(digest):
                raise ConfigError(f"BADGEWRIGHT_TRUST_FILES names {path} with a digest that is not SHA-256 in hex.")
        if self.trust_signers and not self.trust_files:
            raise ConfigError("BADGEWRIGHT_TRUST_SIGNERS needs BADGEWRIGHT_TRUST_FILES.")
        if self.vc_api not in VC_API:
            raise ConfigError(f"BADGEWRIGHT_VC_API must be one of {', '.join(VC_API)}.")
        if not _RATES.fullmatch(self.vc_api_rate):
            raise ConfigError("BADGEWRIGHT_VC_API_RATE must be written like `600 per minute`, separated by semicolons.")
        if self.vc_api_identities is not None and not self.vc_api_identities.is_file():
            raise ConfigError(f"BADGEWRIGHT_VC_API_IDENTITIES names {self.vc_api_identities}, which is not a file.")
        for number, variable in (
            (self.max_upload_bytes, "BADGEWRIGHT_MAX_UPLOAD_BYTES"),
            (self.max_import_bytes, "BADGEWRIGHT_MAX_IMPORT_BYTES"),
            (self.max_bulk_bytes, "BADGEWRIGHT_MAX_BULK_BYTES"),
        ):
            if number < 1:
                raise ConfigError(f"{variable} must be a positive number of bytes.")
        if self.bulk_days < 1:
            raise ConfigError("BADGEWRIGHT_BULK_DAYS must be 1 or more.")
        for number, variable in (
            (self.session_idle_hours, "BADGEWRIGHT_SESSION_IDLE_HOURS"),
            (self.session_days, "BADGEWRIGHT_SESSION_DAYS"),
            (self.confirm_minutes, "BADGEWRIGHT_CONFIRM_MINUTES"),
        ):
            if not 1 <= number <= MAX_SESSION:
                raise ConfigError(f"{variable} must be a whole number from 1 to {MAX_SESSION}.")
        if not 1 <= self.api_key_max_days <= 3650:
            raise ConfigError("BADGEWRIGHT_API_KEY_MAX_DAYS must be between 1 and 3650.")
        if self.proxies < 0:
            raise ConfigError("BADGEWRIGHT_PROXIES must not be negative.")
        if self.mail_url and urlsplit(self.mail_url).scheme not in ("smtp", "smtps"):
            raise ConfigError("BADGEWRIGHT_MAIL_URL must start with smtp:// or smtps://.")
        if "@" not in self.mail_from:
            raise ConfigError("BADGEWRIGHT_MAIL_FROM must be an e-mail address.")
        if self.metrics_token and len(self.metrics_token) < MIN_TOKEN:
            raise ConfigError(f"BADGEWRIGHT_METRICS_TOKEN is too short: {MIN_TOKEN} characters or more are needed.")
        if self.log_level.lower() not in LOG_LEVELS:
            raise ConfigError(f"BADGEWRIGHT_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}.")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the environment, and the secrets file where a secret is not in it.

        Raises:
            ConfigError: a setting is missing or wrong, or a variable that starts with BADGEWRIGHT_ is not one of ours.
        """
        environ = os.environ if environ is None else environ
        variables = {each.metadata["variable"]: each for each in fields(cls)}
        _refuse_unknown(environ, variables)
        values: dict[str, Any] = {}
        for variable, each in variables.items():
            if environ.get(variable):
                values[each.name] = _read(each.name, variable, environ[variable], each.default)
        var = values.get("var", Path("var"))
        kept = read_secrets(var)
        for name in ("secret_key", "key_secret"):
            values.setdefault(name, kept.get(name, ""))
        return cls(**values)

    @property
    def secure(self) -> bool:
        """The installation is reached by https, so that cookies may be bound to it."""
        return self.base_url.startswith("https://")


def secrets_file(var: Path) -> Path:
    return var / "secrets.json"


def read_secrets(var: Path) -> dict[str, str]:
    """The secrets kept in the data folder; empty when there are none.

    Raises:
        ConfigError: the file is there and cannot be understood.
    """
    path = secrets_file(var)
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    if not isinstance(kept, dict) or not all(isinstance(value, str) for value in kept.values()):
        raise ConfigError(f"{path} must hold a JSON object of strings.")
    return kept


def ensure_secrets(var: Path) -> bool:
    """Make the two secrets in the data folder if they are not there yet. Readable by the owner alone. True if made."""
    path = secrets_file(var)
    if path.exists():
        return False
    var.mkdir(parents=True, exist_ok=True)
    made = {"secret_key": random_secrets.token_urlsafe(48), "key_secret": random_secrets.token_urlsafe(48)}
    waiting = path.with_name(f".{path.name}.{random_secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(made, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link fails where the file exists: of two processes that start at once, the first one's secrets stand.
            os.link(waiting, path)
        except FileExistsError:
            return False
    finally:
        waiting.unlink(missing_ok=True)
    return True


def settings() -> tuple[tuple[str, str, str], ...]:
    """(variable, meaning, default as text) of every setting, for the documentation."""
    return tuple(
        (each.metadata["variable"], each.metadata["meaning"], "" if each.default == () else str(each.default))
        for each in fields(Config)
    )


def _refuse_unknown(environ: Mapping[str, str], known: Mapping[str, Any]) -> None:
    for variable in sorted(environ):
        # BADGEWRIGHT_TEST_… belongs to the test suite.
        if (
            variable.startswith("BADGEWRIGHT_")
            and not variable.startswith("BADGEWRIGHT_TEST_")
            and variable not in known
        ):
            raise ConfigError(f"There is no setting {variable}.")


def _read(name: str, variable: str, text: str, default: Any) -> Any:
    if name == "trust_files":
        return tuple(_pinned(part) for part in _parts(text))
    if name == "trust_signers":
        return _parts(text)
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError:
            raise ConfigError(f"{variable} must be a whole number, not {text!r}.") from None
    if isinstance(default, Path):
        return Path(text)
    return text


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _pinned(text: str) -> tuple[Path, str]:
    """`FILE` or `FILE#sha256=HEX`."""
    path, mark, digest = text.rpartition("#sha256=")
    return (Path(path), digest) if mark else (Path(text), "")


def _check_base_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ConfigError(f"BADGEWRIGHT_BASE_URL is not an address: {url!r}.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigError("BADGEWRIGHT_BASE_URL must start with https:// (or http:// on this machine).")
    if parts.path or parts.query or parts.fragment or parts.username or parts.password:
        raise ConfigError("BADGEWRIGHT_BASE_URL must be a bare address such as https://badges.example.org.")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        raise ConfigError("BADGEWRIGHT_BASE_URL must use a name: did:web does not allow IP addresses.")
    if parts.scheme == "http" and host not in _LOCAL_HOSTS and not host.endswith(".localhost"):
        raise ConfigError("BADGEWRIGHT_BASE_URL must use https, except on localhost.")
