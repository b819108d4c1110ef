"""OpenID Connect: the code flow with PKCE, the token's signature verified (fulfils `ports.access.Voucher`).

OpenID Connect Core 1.0 §3.1, RFC 7636, RFC 9700. Everything by verified TLS; one address may be plain: this machine.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from ivr.domain.identity import Identity, Journey, Proof, ReturnProof
from ivr.errors import NotSignedIn, VoucherAway

_SECONDS = 10.0
_LEEWAY_SECONDS = 60
_SIGNED_BY = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
"""Asymmetric only: nobody who knows our secret can make a token (RFC 8725 §3.1)."""
_HERE = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class OpenIdSettings:
    """How the provider knows us.

    Attributes:
        issuer: its address; the description is read at /.well-known/openid-configuration below it.
        login_claim, name_claim, groups_claim: where the token tells them.
        certificates: a file of the organisation's own authorities, "" for the system's.
    """

    issuer: str
    client: str
    secret: str = ""
    scopes: tuple[str, ...] = ("openid", "profile")
    login_claim: str = "preferred_username"
    name_claim: str = "name"
    groups_claim: str = "groups"
    certificates: str = ""


class OpenId:
    """One provider."""

    travels = True

    def __init__(self, settings: OpenIdSettings) -> None:
        self._settings = settings
        self._known: Mapping[str, Any] = {}

    async def begin(self, back: str) -> Journey:
        """Where to send a browser."""
        return await asyncio.to_thread(self._begin, back)

    async def vouch(self, proof: Proof) -> Identity:
        """Who came back."""
        if not isinstance(proof, ReturnProof):
            raise NotSignedIn("a password proves nothing here")
        return await asyncio.to_thread(self._vouch, proof)

    def _begin(self, back: str) -> Journey:
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        with self._session(back) as session:
            url, _ = session.create_authorization_url(
                self._endpoint("authorization_endpoint"), state=state, nonce=nonce, code_verifier=verifier
            )
        return Journey(str(url), back, state, nonce, verifier)

    def _vouch(self, proof: ReturnProof) -> Identity:
        journey, query = proof.journey, proof.query
        if not journey.state or not hmac.compare_digest(journey.state.encode(), query.get("state", "").encode()):
            raise NotSignedIn("this is no answer to a question of this browser")
        if query.get("iss", self._settings.issuer) != self._settings.issuer:  # RFC 9207
            raise NotSignedIn("another provider answers")
        if "error" in query or not query.get("code"):
            raise NotSignedIn("the provider did not let him in")
        claims = self._claims(self._token(journey, query["code"]))
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), journey.nonce.encode()):
            raise NotSignedIn("the token was made for another browser")
        return self._identity(claims)

    def _token(self, journey: Journey, code: str) -> str:
        try:
            with self._session(journey.back) as session:
                answer = session.fetch_token(
                    self._endpoint("token_endpoint"), grant_type="authorization_code", code=code,
                    code_verifier=journey.verifier, timeout=_SECONDS, verify=self._authorities,
                )  # fmt: skip
        except requests.RequestException as fault:
            raise VoucherAway(f"the provider does not answer: {type(fault).__name__}") from fault
        except Exception as fault:  # authlib raises its own for every refusal (RFC 6749 §5.2)
            raise NotSignedIn("the provider takes this code no more") from fault
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise VoucherAway("the provider sends no id_token: is the scope openid allowed?")
        return token

    def _claims(self, token: str) -> Mapping[str, Any]:
        """What a token says, when its signature, issuer, audience and time are right (Core §3.1.3.7)."""
        issuer, client = self._settings.issuer, self._settings.client
        registry = jwt.JWTClaimsRegistry(
            now=int(datetime.now(UTC).timestamp()), leeway=_LEEWAY_SECONDS, iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": client}, exp={"essential": True}, sub={"essential": True},
        )  # fmt: skip
        try:
            decoded = jwt.decode(token, KeySet.import_key_set(self._get(self._endpoint("jwks_uri"))), _SIGNED_BY)
            registry.validate(decoded.claims)
        except (JoseError, ValueError) as fault:
            raise NotSignedIn(f"the token does not hold: {type(fault).__name__}") from fault
        claims: Mapping[str, Any] = decoded.claims
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != client:
            raise NotSignedIn("the token was made for another program")
        return claims

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        asked = self._settings
        groups = claims.get(asked.groups_claim) or []
        named = [groups] if isinstance(groups, str) else [str(group) for group in groups]
        login = str(claims.get(asked.login_claim) or "")
        return Identity(
            asked.issuer[:200], str(claims["sub"])[:255], login[:64], str(claims.get(asked.name_claim) or "")[:100],
            frozenset(named),
        )  # fmt: skip

    def _endpoint(self, name: str) -> str:
        if not self._known:
            known = self._get(f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration")
            if known.get("issuer") != self._settings.issuer:
                raise VoucherAway("the provider calls itself otherwise than the settings do")
            self._known = known
        return _safe(str(self._known.get(name, "")))

    def _get(self, url: str) -> Any:
        try:
            answer = requests.get(_safe(url), timeout=_SECONDS, verify=self._authorities, allow_redirects=False)
            answer.raise_for_status()
            return answer.json()
        except (requests.RequestException, ValueError) as fault:
            raise VoucherAway(f"the provider does not answer: {type(fault).__name__}") from fault

    def _session(self, back: str) -> OAuth2Session:
        return OAuth2Session(
            self._settings.client, self._settings.secret or None, scope=" ".join(self._settings.scopes),
            redirect_uri=back, code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self._settings.secret else "none",
        )  # fmt: skip

    @property
    def _authorities(self) -> str | bool:
        return self._settings.certificates or True


def _safe(url: str) -> str:
    """An address that may be asked: by TLS, or on this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise VoucherAway("the provider names an address without TLS")
    return url
