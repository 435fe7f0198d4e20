"""The settings, each of which is an environment variable `CATALOGUE_…`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from urllib.parse import urlsplit

from environs import Env, EnvError, EnvValidationError
from marshmallow import ValidationError
from marshmallow.validate import URL, OneOf, Range, Regexp

PREFIX = "CATALOGUE_"

_ADDRESS = URL(schemes={"http", "https"}, require_tld=False)
_ORIGIN = Regexp(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?\Z|https?://\[[0-9a-f:.]+\](:[0-9]{1,5})?\Z")
_HOST_AND_PORT = Regexp(r"(\[[0-9a-fA-F:]+\]|[^\s:\[\]]+):[0-9]{1,5}\Z")
_HIGHEST_PORT = 65535
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST_SESSION = 86400
"""The longest lifetime of a session that can be set, in seconds."""
_ADDRESS_OR_EMPTY = Regexp(r"\Z|https?://\S+\Z")
_EMAIL_OR_EMPTY = Regexp(r"\Z|[^\s@<>]+@[^\s@<>]+\Z")
_OCID_PREFIX = Regexp(r"ocds-[a-z0-9]{6}\Z")

_SWITCH = "true or false"
_FORMS = {
    "public_url": "an address that begins with http:// or https://",
    "identity_provider_timeout_seconds": "a number of seconds, at least 0.1",
    "identity_provider_private_addresses": _SWITCH,
    "webhook_private_addresses": _SWITCH,
    "token_lifetime_seconds": "a whole number of seconds from 30 to 86400",
    "token_requests_per_minute": "a whole number, at least 1",
    "session_idle_seconds": "a whole number of seconds from 60 to 86400",
    "session_lifetime_seconds": "a whole number of seconds from 60 to 86400",
    "sign_in_secrets": 'a JSON object such as {"beds-entra": "SECRET"}',
    "demonstration_sign_in": _SWITCH,
    "max_body_bytes": "a whole number of bytes, at least 1024",
    "max_import_bytes": "a whole number of bytes, at least 1024",
    "job_worker": "embedded or external",
    "database_pool_size": "a whole number, at least 1",
    "database_pooler": "detect, none or transaction",
    "trusted_proxies": "a whole number from 0 to 10",
    "log_format": "text or json",
    "access_log": _SWITCH,
    "feed_waiters": "a whole number from 0 to 64",
    "cors_origins": (
        "origins separated by commas, each a scheme, a host in lower case and perhaps a port, "
        "such as https://board.example.org"
    ),
    "ocid_prefix": "the prefix that OCDS registered for you, such as ocds-a1b2c3",
    "contact_email": "an e-mail address, or nothing",
    "data_protection_email": "an e-mail address, or nothing",
    "metrics_address": "a host and a port, such as 127.0.0.1:9464, or nothing",
    "tracing_endpoint": "an address that begins with http:// or https://, or nothing",
}
"""The form of each setting that can be invalid, as the end of a sentence."""


def _host_and_port(value: str) -> None:
    if not value:
        return
    _HOST_AND_PORT(value)
    if not 0 < int(value.rpartition(":")[2]) <= _HIGHEST_PORT:
        raise ValidationError("The port is out of range.")


def _each_origin(origins: list[str]) -> None:
    for origin in origins:
        _ORIGIN(origin)


def _each_secret(secrets: object) -> None:
    if not isinstance(secrets, dict) or not all(isinstance(v, str) for v in secrets.values()):
        raise ValidationError("The secrets are not texts by key.")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings that an operator can choose. Durations are in seconds, and sizes in bytes."""

    database_url: str = "sqlite:///catalogue.db"
    public_url: str = "http://127.0.0.1:8000"
    identity_provider_timeout_seconds: float = 5.0
    identity_provider_private_addresses: bool = False
    webhook_private_addresses: bool = False
    token_lifetime_seconds: int = 600
    token_requests_per_minute: int = 60
    session_idle_seconds: int = 1800
    session_lifetime_seconds: int = 12 * 3600
    sign_in_secrets: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    """The client secret of each identity provider that signs people in, by the provider's key."""
    demonstration_sign_in: bool = False
    max_body_bytes: int = 1024 * 1024
    max_import_bytes: int = 20 * 1024 * 1024
    job_worker: str = "embedded"
    database_pool_size: int = 10
    database_pooler: str = "detect"
    trusted_proxies: int = 0
    feed_waiters: int = 2
    log_format: str = "text"
    access_log: bool = False
    ocid_prefix: str = "ocds-000000"
    cors_origins: tuple[str, ...] = ()
    operator_name: str = ""
    contact_email: str = ""
    data_protection_email: str = ""
    metrics_address: str = ""
    tracing_endpoint: str = ""

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the settings. Raises environs.EnvError, with the form that a variable must have."""
        try:
            return cls._read()
        except EnvValidationError as error:
            raise EnvError(_explain(str(error))) from None

    @classmethod
    def _read(cls) -> "Settings":
        env = Env()
        with env.prefixed(PREFIX):
            public_url = env.str("PUBLIC_URL", cls.public_url, validate=_ADDRESS).rstrip("/")
            return cls(
                database_url=env.str("DATABASE_URL", cls.database_url),
                public_url=public_url,
                identity_provider_timeout_seconds=env.float(
                    "IDENTITY_PROVIDER_TIMEOUT_SECONDS",
                    cls.identity_provider_timeout_seconds,
                    validate=Range(min=0.1),
                ),
                identity_provider_private_addresses=env.bool(
                    "IDENTITY_PROVIDER_PRIVATE_ADDRESSES", cls.identity_provider_private_addresses
                ),
                webhook_private_addresses=env.bool(
                    "WEBHOOK_PRIVATE_ADDRESSES", cls.webhook_private_addresses
                ),
                token_lifetime_seconds=env.int(
                    "TOKEN_LIFETIME_SECONDS", cls.token_lifetime_seconds, validate=Range(30, 86400)
                ),
                token_requests_per_minute=env.int(
                    "TOKEN_REQUESTS_PER_MINUTE",
                    cls.token_requests_per_minute,
                    validate=Range(min=1),
                ),
                session_idle_seconds=env.int(
                    "SESSION_IDLE_SECONDS",
                    cls.session_idle_seconds,
                    validate=Range(60, LONGEST_SESSION),
                ),
                session_lifetime_seconds=env.int(
                    "SESSION_LIFETIME_SECONDS",
                    cls.session_lifetime_seconds,
                    validate=Range(60, LONGEST_SESSION),
                ),
                sign_in_secrets=dict(env.json("SIGN_IN_SECRETS", {}, validate=_each_secret)),
                demonstration_sign_in=env.bool("DEMONSTRATION_SIGN_IN", cls.demonstration_sign_in),
                max_body_bytes=env.int(
                    "MAX_BODY_BYTES", cls.max_body_bytes, validate=Range(min=1024)
                ),
                max_import_bytes=env.int(
                    "MAX_IMPORT_BYTES", cls.max_import_bytes, validate=Range(min=1024)
                ),
                job_worker=env.str(
                    "JOB_WORKER", cls.job_worker, validate=OneOf(["embedded", "external"])
                ),
                database_pool_size=env.int(
                    "DATABASE_POOL_SIZE", cls.database_pool_size, validate=Range(min=1)
                ),
                database_pooler=env.str(
                    "DATABASE_POOLER",
                    cls.database_pooler,
                    validate=OneOf(["detect", "none", "transaction"]),
                ),
                trusted_proxies=env.int(
                    "TRUSTED_PROXIES", cls.trusted_proxies, validate=Range(0, 10)
                ),
                log_format=env.str("LOG_FORMAT", cls.log_format, validate=OneOf(["text", "json"])),
                access_log=env.bool("ACCESS_LOG", cls.access_log),
                feed_waiters=env.int("FEED_WAITERS", cls.feed_waiters, validate=Range(0, 64)),
                cors_origins=tuple(env.list("CORS_ORIGINS", [], validate=_each_origin)),
                ocid_prefix=env.str("OCID_PREFIX", cls.ocid_prefix, validate=_OCID_PREFIX),
                operator_name=env.str("OPERATOR_NAME", cls.operator_name).strip(),
                contact_email=env.str("CONTACT_EMAIL", "", validate=_EMAIL_OR_EMPTY),
                data_protection_email=env.str(
                    "DATA_PROTECTION_EMAIL", "", validate=_EMAIL_OR_EMPTY
                ),
                metrics_address=env.str("METRICS_ADDRESS", "", validate=_host_and_port),
                tracing_endpoint=env.str("TRACING_ENDPOINT", "", validate=_ADDRESS_OR_EMPTY),
            )

    @property
    def public_path(self) -> str:
        """The path of the public URL, such as `/catalogue`, or "" if the URL has none."""
        return urlsplit(self.public_url).path.rstrip("/")

    @property
    def is_local(self) -> bool:
        """True if the public URL is an http address of this machine, as on a developer's own.

        An https address of this machine can be that of a server behind a proxy.
        """
        parts = urlsplit(self.public_url)
        return parts.scheme == "http" and parts.hostname in LOCAL_NAMES

    @property
    def issuer(self) -> str:
        """The issuer of the tokens that this service issues."""
        return self.public_url

    @property
    def audience(self) -> str:
        """The audience of the tokens that this service issues."""
        return f"{self.public_url}/v1"


def _explain(error: str) -> str:
    """Return the error of an invalid variable as a sentence, with the form expected."""
    found = re.search(rf"{PREFIX}(\w+)", error)
    form = _FORMS.get(found[1].lower()) if found else None
    if not found or form is None:
        return error
    return f"The setting {found[0]} is invalid. Set the variable to {form}."


def unknown_settings(names: Iterable[str]) -> Iterator[str]:
    """Yield a warning for each variable that looks like a setting and is none."""
    known = [field.name.upper() for field in fields(Settings)]
    for name in sorted(names):
        rest = name.removeprefix(PREFIX)
        if rest != name and rest not in known:
            close = get_close_matches(rest, known, n=1)
            advice = "Correct the name, or remove the variable."
            if close:
                advice = f"Did you mean {PREFIX}{close[0]}?"
            yield f"The variable {name} is no setting and has no effect. {advice}"
