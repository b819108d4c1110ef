"""Tables of `config/ivr.toml`: what an installer may say, each with its default and its limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ivr.domain.counting import CountedBy
from ivr.domain.notices import BY_LETTER, Notice, NoticeKind, concerns
from ivr.domain.people import Role
from ivr.domain.retention import LEAST_DAYS

_CODE = r"^([*#0-9]{2,10})?$"
_ADDRESS = r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$"


class Table(BaseModel):
    """A table whose every word is known; nothing changes it once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


SipAddress = Annotated[str, Field(pattern=r"^sips?:[^@\s]+@[^@\s]+$")]


class PlanTable(Table):
    """How local numbers are completed."""

    local_code: str = "48755"
    regional_code: str = "4875"
    regional_prefix: str = "5"


Key = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]


class MunicipalityTable(Table):
    """Whose line it is.

    Attributes:
        numbers: dialled numbers that are its own; empty: every number.
        overflow_numbers: extensions to which the PBX sends whom no operator answered.
        calendar: its hours, local days and time zone, a file in `config/`.
        operators: who is rung for it; None: those of the desk.
        weekly_to: whom its weekly report goes to; of the house's own `mail.weekly_to` says it.
        retention_days: how long its rows are kept; None: as long as the installation's (clause 6.3).
    """

    key: Key = "demo"
    title: str = "Demo"
    numbers: tuple[str, ...] = ()
    overflow_numbers: tuple[str, ...] = ()
    calendar: Path = Path("calendar.toml")
    operators: tuple[SipAddress, ...] | None = None
    number_plan: PlanTable = PlanTable()
    weekly_to: tuple[Annotated[str, Field(pattern=_ADDRESS)], ...] = ()
    retention_days: int | None = Field(default=None, ge=LEAST_DAYS)


class TlsTable(Table):
    """SIP over TLS."""

    port: int = Field(default=5061, ge=1, le=65535)
    certificate: Path
    key: Path


class RegistrationTable(Table):
    """Registration with a PBX."""

    registrar: str = Field(pattern=r"^sips?:.+")
    user: str
    password_file: Path
    realm: str = "*"


class LimitsTable(Table):
    """Who calls too often is a robot (fault F19); of each engine. 0 switches a limit off."""

    window_minutes: float = Field(default=10.0, gt=0)
    marked_after: int = Field(default=5, ge=0)
    refused_after: int = Field(default=15, ge=0)
    at_once: int = Field(default=2, ge=0)
    a_minute: int = Field(default=60, ge=0)


class PhoneTable(Table):
    """The SIP engines.

    Attributes:
        first_engine: number of this machine's first; machines that share a journal share no number.
    """

    address: str = "127.0.0.1"
    port: int = Field(default=5060, ge=0, le=65535)
    engines: int = Field(default=1, ge=1, le=64)
    first_engine: int = Field(default=1, ge=1, le=999)
    tcp: bool = True
    trusted: tuple[str, ...] = ("127.0.0.1",)
    rtp_port: int = Field(default=21000, ge=1024, le=65000)
    no_media_seconds: float = Field(default=15.0, gt=1)
    trunk: str = Field(default="", pattern=r"^([A-Za-z0-9.-]+(:\d+)?)?$")
    watch_trunk: bool = True
    forced_mode: Literal["after_hours", "overflow", "front_desk"] | None = None
    limits: LimitsTable = LimitsTable()
    tls: TlsTable | None = None
    registration: RegistrationTable | None = None

    @field_validator("trusted")
    @classmethod
    def _networks(cls, entries: tuple[str, ...]) -> tuple[str, ...]:
        for entry in entries:
            ip_network(entry, strict=False)
        return entries


_Url = Annotated[str, Field(pattern=r"^wss?://.+")]


class SpeechTable(Table):
    """The recognisers.

    Attributes:
        url: of vosk-servers somewhere else, one or a list; none: our own processes.
        processes: so many of our own.
        utterances: each of them hears so many at once; what is more is recorded and heard later.
    """

    model: Path = Path("models/ru-helpline-8k")
    url: _Url | tuple[_Url, ...] = ()
    processes: int = Field(default=1, ge=1, le=64)
    utterances: int = Field(default=60, ge=1)


class S3Table(Table):
    """Recordings in an S3-compatible store; they wait in the data folder until they are safe there.

    Attributes:
        prefix: folder inside the bucket, when several installations share it.
        certificates: of the authority that signed the store's certificate; none: those the system trusts.
        after_seconds: a recording is carried away so long after its last sound.
    """

    endpoint: str = Field(pattern=r"^https?://[^/\s]+/?$")
    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    access_key: str = Field(min_length=1)
    secret_key_file: Path
    region: str = "us-east-1"
    prefix: str = Field(default="", pattern=r"^[A-Za-z0-9._/-]*$")
    certificates: Path | None = None
    after_seconds: float = Field(default=60.0, ge=10)


class ClusterTable(Table):
    """What `ivr doctor --cluster` asks besides this machine's own.

    Attributes:
        edge: Kamailio, as calls find it.
        engines: of all machines; none: this machine's.
    """

    edge: str = Field(default="", pattern=r"^([A-Za-z0-9.-]+(:\d+)?)?$")
    engines: tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+:\d+$")], ...] = ()


class StorageTable(Table):
    """Where things are kept."""

    data: Path = Path("var")
    database: str | None = None
    s3: S3Table | None = None


class CodesTable(Table):
    """Short codes that operators dial from their telephones (clause 9); "" switches one off."""

    on_shift: str = Field(default="*21", pattern=_CODE)
    away: str = Field(default="*22", pattern=_CODE)
    after_call: str = Field(default="*23", pattern=_CODE)
    off: str = Field(default="*20", pattern=_CODE)


class DeskTable(Table):
    """How operators work.

    Attributes:
        calls_per_person, calls_per_day: how many calls may be placed by a click (fault F22).
        music: a WAV file that waiting callers hear; None: ringback.
        presence: who is at work is kept, and only those are rung (clause 9).
        probe_phones: a telephone that does not answer OPTIONS takes its operator off the shift.
        after_call_minutes: so long after a conversation an operator is not rung.
    """

    idle_minutes: float = Field(default=15.0, gt=0)
    calls_per_person: int = Field(default=200, ge=0)
    calls_per_day: int = Field(default=1000, ge=0)
    operators: tuple[SipAddress, ...] = ()
    in_turn_seconds: float | None = Field(default=None, gt=1)
    phones: dict[str, SipAddress] = {}
    music: Path | None = None
    presence: bool = False
    probe_phones: bool = False
    after_call_minutes: float = Field(default=0.0, ge=0, le=60)
    codes: CodesTable = CodesTable()


class MailTable(Table):
    """The letter with the weekly report (clause 19)."""

    server: str
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls"] = "starttls"
    certificates: Path | None = None
    user: str = ""
    password_file: Path | None = None
    sender: str = Field(pattern=_ADDRESS)
    weekly_to: tuple[Annotated[str, Field(pattern=_ADDRESS)], ...] = Field(min_length=1)
    by_itself: bool = True
    by_itself_at: time = time(9, 30)


class OidcTable(Table):
    """The organisation's own sign-in page (OpenID Connect)."""

    issuer: str = Field(pattern=r"^https://|^http://(127\.0\.0\.1|localhost)[:/]")
    client: str
    secret_file: Path | None = None
    scopes: tuple[str, ...] = ("openid", "profile")
    login_claim: str = "preferred_username"
    name_claim: str = "name"
    groups_claim: str = "groups"
    certificates: Path | None = None


class LdapTable(Table):
    """The organisation's directory (LDAP, Active Directory)."""

    server: str = Field(pattern=r"^ldaps?://[^/]+/?$")
    base: str
    user: str = ""
    password_file: Path | None = None
    person_filter: str = Field("(&(objectClass=person)(uid={login}))", pattern=r"\{login\}")
    subject: str = "entryUUID"
    login: str = "uid"
    name: str = "cn"
    groups: str = "memberOf"
    group_base: str = ""
    group_filter: str = Field("(&(objectClass=groupOfNames)(member={dn}))", pattern=r"\{dn\}")
    certificates: Path | None = None


class SignInTable(Table):
    """Coming in by the organisation's accounts, beside passwords of this house.

    Attributes:
        title: what people call those accounts.
        groups: which group gives which roles.
        link_by_login: such an account takes over the one with its login here, though that one has a password.
    """

    title: str = Field(max_length=80)
    groups: dict[str, Role | tuple[Role, ...]] = Field(min_length=1)
    oidc: OidcTable | None = None
    ldap: LdapTable | None = None
    link_by_login: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.oidc is None) == (self.ldap is None):
            raise ValueError("name one of [sign_in.oidc] and [sign_in.ldap]")
        return self


class NoticesTable(Table):
    """Who is written to of what; `ivr notices list` shows everything.

    Attributes:
        addresses: of a role (operator, curator, administrator) or of a person by name.
        kinds: other addressees than the usual ones of a kind, roles or names; none: no letter.
    """

    addresses: dict[str, tuple[Annotated[str, Field(pattern=_ADDRESS)], ...]] = {}
    kinds: dict[NoticeKind, tuple[str, ...]] = {}

    @model_validator(mode="after")
    def _known(self) -> Self:
        named = {name for names in self.kinds.values() for name in names}
        if strange := sorted(named - set(self.addresses) - set(Role)):
            raise ValueError(f"kinds names {', '.join(strange)}, for whom addresses holds nothing")
        return self

    def addressees(self, notice: Notice) -> Sequence[str]:
        """Addresses that are written to of a notice."""
        usual = concerns(notice.kind) if notice.kind in BY_LETTER else ()
        return [address for name in self.kinds.get(notice.kind, usual) for address in self.addresses.get(name, ())]


class UnderstandingTable(Table):
    """How messages are understood."""

    learn: bool = True
    precedents: int = Field(default=2000, ge=0, le=20_000)


class WebTable(Table):
    """The console.

    Attributes:
        hosts: names it is called by, besides this machine's own; others get 421.
        certificate, key: TLS of its own; without them a proxy in front makes it.
        secure: cookies for HTTPS only; off only for a trial on this machine.
        proxies: addresses of proxies whose X-Forwarded-For and -Proto are believed.
        metrics_from: who may read /metrics.
    """

    enabled: bool = True
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    hosts: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None
    secure: bool = True
    proxies: tuple[str, ...] = ()
    metrics_from: tuple[str, ...] = ("127.0.0.1", "::1")
    idle_minutes: float = Field(default=60.0, gt=0, le=720)
    session_hours: float = Field(default=12.0, gt=0, le=24)

    @field_validator("proxies", "metrics_from")
    @classmethod
    def _networks(cls, entries: tuple[str, ...]) -> tuple[str, ...]:
        for entry in entries:
            ip_network(entry, strict=False)
        return entries


class LoadTable(Table):
    """Whose word counts for calls in working hours: this product's, or the imported records of the exchange."""

    counted_by: CountedBy = CountedBy.HOUSE


class LogTable(Table):
    """How the log looks."""

    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"
