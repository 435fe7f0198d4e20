"""The settings, each of which is an environment variable `CATALOGUE_…`."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from environs import Env
from marshmallow.validate import URL, OneOf, Range, Regexp

_ADDRESS = URL(schemes={"http", "https"}, require_tld=False)
_ORIGIN = Regexp(
    r"https?://[a-z0-9.-]+(:[0-9]{1,5})?\Z|https?://\[[0-9a-f:.]+\](:[0-9]{1,5})?\Z",
    error=(
        "An origin must be a scheme, a host in lower case and perhaps a port, such as "
        "https://board.example.org, without a path or wildcard."
    ),
)
_HOST_AND_PORT = Regexp(r"$|(\[[0-9a-fA-F:]+\]|[^\s:\[\]]+):[0-9]{1,5}$")
_ADDRESS_OR_EMPTY = Regexp(r"$|https?://\S+$")
_OCID_PREFIX = Regexp("ocds-[a-z0-9]{6}$")


def _each_origin(origins: list[str]) -> None:
    for origin in origins:
        _ORIGIN(origin)


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
    metrics_address: str = ""
    tracing_endpoint: str = ""

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the settings. Raises environs.EnvError, which names an invalid variable."""
        env = Env()
        with env.prefixed("CATALOGUE_"):
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
                metrics_address=env.str("METRICS_ADDRESS", "", validate=_HOST_AND_PORT),
                tracing_endpoint=env.str("TRACING_ENDPOINT", "", validate=_ADDRESS_OR_EMPTY),
            )

    @property
    def public_path(self) -> str:
        """The path of the public URL, such as `/catalogue`, or "" if the URL has none."""
        return urlsplit(self.public_url).path.rstrip("/")

    @property
    def issuer(self) -> str:
        """The issuer of the tokens that this service issues."""
        return self.public_url

    @property
    def audience(self) -> str:
        """The audience of the tokens that this service issues."""
        return f"{self.public_url}/v1"
