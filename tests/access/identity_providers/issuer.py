"""A small identity provider, whose responses a test can change."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl

import orjson
from joserfc.jwk import ECKey, Key

from tests.access.forged_tokens import sign_token, unix_time

OPENID = "/.well-known/openid-configuration"
OAUTH = "/.well-known/oauth-authorization-server"
KEYS = "/keys"
AUDIENCE = "https://catalogue.example/v1"


class Issuer:
    """The responses by path: a JSON value, raw bytes or an error status."""

    def __init__(self) -> None:
        self.served: dict[str, Any] = {}
        self.requests: Counter[str] = Counter()
        self.posted: list[tuple[dict[str, str], dict[str, str]]] = []
        """The form and the headers of each POST request."""
        self.released = Event()
        self.released.set()
        self.dripping = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.location = ""
        self.key: Key = ECKey.generate_key("P-256")
        self.served[OPENID] = {"issuer": self.url, "jwks_uri": self.url + KEYS}
        self.publish(self.key)

    def publish(self, *keys: Key, **changed: Any) -> None:
        """Serve these keys and no others."""
        self.served[KEYS] = {
            "keys": [
                key.as_dict(private=False) | {"kid": key.thumbprint(), "use": "sig"} | changed
                for key in keys
            ]
        }

    def token(
        self, key: Key | None = None, header: dict[str, Any] | None = None, **changed: Any
    ) -> str:
        """Return a token with the claim names of an external provider."""
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "7d1f",
            "azp": "cmdb",
            "iat": unix_time(0),
            "exp": unix_time(600),
            "scope": "openid systems:read",
            "agency": "bedfordshire-police",
        } | changed
        present = {name: value for name, value in claims.items() if value is not None}
        return self.sign(present, key, header)

    def sign(
        self,
        claims: dict[str, Any] | bytes,
        key: Key | None = None,
        header: dict[str, Any] | None = None,
    ) -> str:
        """Sign claims as they are. The header is that of RFC 9068 except for the changes."""
        key = key or self.key
        full_header = {"alg": "ES256", "kid": key.thumbprint(), "typ": "at+jwt"} | (header or {})
        return sign_token(claims, key, **full_header)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.requests[self.path] += 1
                issuer.released.wait(20)
                content = issuer.served.get(self.path, 404)
                body = b"" if isinstance(content, int) else content
                if not isinstance(body, bytes):
                    body = orjson.dumps(body)
                self.send_response(content if isinstance(content, int) else 200)
                self.send_header("Content-Type", "application/json")
                if issuer.location:
                    self.send_header("Location", issuer.location)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if issuer.dripping:
                    for byte in body:
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                        if Event().wait(0.1):
                            return
                self.wfile.write(body)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                issuer.posted.append((dict(parse_qsl(body)), dict(self.headers)))
                self.do_GET()

            def log_message(self, *_arguments: object) -> None:
                """Write no access log."""

        return Handler

    @contextmanager
    def running(self) -> Iterator["Issuer"]:
        """Serve until the block ends."""
        thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self.released.set()
            self.stop()
            thread.join(10)

    def stop(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()
