"""The settings, each of which is an environment variable `CATALOGUE_…`."""

from dataclasses import dataclass

from environs import Env
from marshmallow.validate import URL, OneOf, Range, Regexp

_ADDRESS = URL(schemes={"http", "https"}, require_tld=False)
_OCID_PREFIX = Regexp("ocds-[a-z0-9]{6}$")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings that an operator can choose. Durations are in seconds, and sizes in bytes."""

    database_url: str = "sqlite:///catalogue.db"
    public_url: str = "http://127.0.0.1:8000"
    identity_provider_timeout_seconds: float = 5.0
    private_addresses: bool = False
    token_lifetime_seconds: int = 600
    token_requests_per_minute: int = 60
    max_body_bytes: int = 1024 * 1024
    max_import_bytes: int = 20 * 1024 * 1024
    job_worker: str = "embedded"
    database_pool_size: int = 10
    trusted_proxies: int = 0
    feed_waiters: int = 2
    ocid_prefix: str = "ocds-000000"

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
                private_addresses=env.bool("PRIVATE_ADDRESSES", cls.private_addresses),
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
                trusted_proxies=env.int(
                    "TRUSTED_PROXIES", cls.trusted_proxies, validate=Range(0, 10)
                ),
                feed_waiters=env.int("FEED_WAITERS", cls.feed_waiters, validate=Range(0, 64)),
                ocid_prefix=env.str("OCID_PREFIX", cls.ocid_prefix, validate=_OCID_PREFIX),
            )

    @property
    def issuer(self) -> str:
        """The issuer of the tokens that this service issues."""
        return self.public_url

    @property
    def audience(self) -> str:
        """The audience of the tokens that this service issues."""
        return f"{self.public_url}/v1"
