"""A provider of OpenID Connect for tests: real signatures, real PKCE, codes that work once; it misbehaves as told."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import ssl
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "helpline", "s3cret of the client"


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Whoever does not trust the certificate goes away in the middle: no fault of ours."""


class Provider:
    """One provider.

    Attributes:
        person: the claims of whoever is at the browser; None: he goes away without signing in.
        spoil: claims put over the right ones. forged: the token is signed by another key, or by the client's secret.
    """

    def __init__(self, certificate: tuple[Path, Path]) -> None:
        self.person: dict[str, Any] | None = {"sub": "42"}
        self.spoil: dict[str, Any] = {}
        self.forged = ""
        self.certificates = str(certificate[0])
        self._codes: dict[str, dict[str, str]] = {}
        self._key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self._server = _Quiet(("127.0.0.1", 0), self._answering())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )  # fmt: skip
        self.issuer = f"https://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """No more answers."""
        self._server.shutdown()
        self._server.server_close()

    def travel(self, url: str) -> dict[str, str]:
        """What a browser does that is sent here: the query it comes back with."""
        answer = requests.get(url, allow_redirects=False, timeout=10, verify=self.certificates)
        back = urlsplit(answer.headers["Location"])
        return {name: values[0] for name, values in parse_qs(back.query).items()}

    def _description(self) -> Mapping[str, Any]:
        places = {"authorization": "authorize", "token": "token"}
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys",
                **{f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in places.items()}}  # fmt: skip

    def _authorize(self, asked: dict[str, str]) -> str:
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        if self.person is None:
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def _token(self, given: dict[str, str], authorization: str) -> tuple[int, Mapping[str, Any]]:
        asked = self._codes.pop(given.get("code", ""), None)
        known = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization not in (f"Basic {known}", f"Basic {plain}"):
            return 401, {"error": "invalid_client"}
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != given["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"],
                  **(self.person or {}), **self.spoil}  # fmt: skip
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self._signed(claims)}

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.forged == "secret":
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET + "0" * 32))
        key = RSAKey.generate_key(2048, {"kid": "one"}) if self.forged else self._key
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)

    def _answering(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                if parts.path == "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider._authorize(query))
                    self.end_headers()
                elif parts.path == "/keys":
                    self._json(200, {"keys": [provider._key.as_dict(private=False)]})
                else:
                    self._json(200, provider._description())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                given = {name: values[0] for name, values in parse_qs(body).items()}
                self._json(*provider._token(given, self.headers.get("Authorization", "")))

            def _json(self, status: int, answer: Mapping[str, Any]) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_: Any) -> None:
                """Tests are quiet."""

        return Answering
