"""Settings of the whole product: `config/ivr.toml`, or defaults that work without it."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import time
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

import ivr
from ivr.adapters.files.tables import checked, read_table
from ivr.domain.municipality import Municipality
from ivr.domain.regulation import Regulation
from ivr.errors import SettingsError
from ivr.language.lexicon import NumberPlan

OVERLAY = "console.toml"
"""In the data folder: what people have changed in the console, laid over the installer's file."""

_LEAST_RETENTION_DAYS = 366
_ADDRESS = r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$"


def project_root() -> Path:
    """Where `config/`, `audio/` and `models/` lie: IVR_HOME, else the checkout."""
    home = os.environ.get("IVR_HOME")
    return Path(home) if home else Path(ivr.__file__).resolve().parent.parent


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlanTable(_Table):
    """How local numbers are completed."""

    local_code: str = "48755"
    regional_code: str = "4875"
    regional_prefix: str = "5"


Key = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]


class MunicipalityTable(_Table):
    """Whose line it is.

    Attributes:
        others: full names by key of neighbours whose messages lie in the same journal; papers are written for them too.
    """

    key: Key = "demo"
    title: str = "Demo"
    others: dict[Key, str] = {}
    numbers: tuple[str, ...] = ()
    number_plan: PlanTable = PlanTable()


class TlsTable(_Table):
    """SIP over TLS."""

    port: int = Field(default=5061, ge=1, le=65535)
    certificate: Path
    key: Path


class RegistrationTable(_Table):
    """Registration with a PBX."""

    registrar: str = Field(pattern=r"^sips?:.+")
    user: str
    password_file: Path
    realm: str = "*"


class PhoneTable(_Table):
    """The SIP engines."""

    address: str = "127.0.0.1"
    port: int = Field(default=5060, ge=0, le=65535)
    engines: int = Field(default=1, ge=1, le=64)
    tcp: bool = True
    trusted: tuple[str, ...] = ("127.0.0.1",)
    rtp_port: int = Field(default=21000, ge=1024, le=65000)
    no_media_seconds: float = Field(default=15.0, gt=1)
    trunk: str = Field(default="", pattern=r"^([A-Za-z0-9.-]+(:\d+)?)?$")
    forced_mode: Literal["after_hours", "overflow", "front_desk"] | None = None
    tls: TlsTable | None = None
    registration: RegistrationTable | None = None

    @field_validator("trusted")
    @classmethod
    def _networks(cls, entries: tuple[str, ...]) -> tuple[str, ...]:
        for entry in entries:
            ip_network(entry, strict=False)
        return entries


_Url = Annotated[str, Field(pattern=r"^wss?://.+")]


class SpeechTable(_Table):
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


class StorageTable(_Table):
    """Where things are kept."""

    data: Path = Path("var")
    database: str | None = None


class DeskTable(_Table):
    """How operators work."""

    idle_minutes: float = Field(default=15.0, gt=0)
    operators: tuple[Annotated[str, Field(pattern=r"^sips?:[^@\s]+@[^@\s]+$")], ...] = ()
    in_turn_seconds: float | None = Field(default=None, gt=1)
    phones: dict[str, Annotated[str, Field(pattern=r"^sips?:[^@\s]+@[^@\s]+$")]] = {}


class MailTable(_Table):
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


class UnderstandingTable(_Table):
    """How messages are understood."""

    learn: bool = True
    precedents: int = Field(default=2000, ge=0, le=20_000)


class WebTable(_Table):
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


class LogTable(_Table):
    """How the log looks."""

    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(_Table):
    """Everything an installer can set."""

    municipality: MunicipalityTable = MunicipalityTable()
    phone: PhoneTable = PhoneTable()
    speech: SpeechTable = SpeechTable()
    storage: StorageTable = StorageTable()
    desk: DeskTable = DeskTable()
    understanding: UnderstandingTable = UnderstandingTable()
    web: WebTable = WebTable()
    log: LogTable = LogTable()
    mail: MailTable | None = None

    @property
    def data(self) -> Path:
        """The folder of database, recordings and spool."""
        return _absolute(self.storage.data)

    @property
    def speech_addresses(self) -> tuple[str, ...]:
        """The sockets of our recognisers, or the URLs of others'."""
        if self.speech.url:
            return (self.speech.url,) if isinstance(self.speech.url, str) else self.speech.url
        return tuple(self.speech_socket(number) for number in range(1, self.speech.processes + 1))

    def speech_socket(self, number: int) -> str:
        """Where our recogniser with this number listens, 1, 2, 3 …"""
        return str(self.data / ("speech.sock" if number == 1 else f"speech-{number}.sock"))

    @property
    def model(self) -> Path:
        """The speech model's folder."""
        return _absolute(self.speech.model)

    @property
    def database_url(self) -> str:
        """SQLAlchemy's URL of the journal."""
        return self.storage.database or f"sqlite:///{self.data / 'journal.db'}"

    @property
    def whose(self) -> Municipality:
        """The municipality as the domain knows it."""
        table = self.municipality
        return Municipality(table.key, table.title, numbers=table.numbers)

    @property
    def number_plan(self) -> NumberPlan:
        """Completion of local numbers."""
        return NumberPlan(**self.municipality.number_plan.model_dump())

    def with_changes(self, **tables: dict[str, Any]) -> Settings:
        """The same with some values of some tables changed (command line, demo)."""
        return self.model_copy(
            update={name: getattr(self, name).model_copy(update=new) for name, new in tables.items()}
        )


def _absolute(path: Path) -> Path:
    return path if path.is_absolute() else project_root() / path


def read_settings(path: Path | None = None) -> Settings:
    """Settings from the file, from IVR_CONFIG's, or from `config/ivr.toml`.

    Raises:
        SettingsError: every mistake with file and line.
    """
    named = path or (Path(os.environ["IVR_CONFIG"]) if "IVR_CONFIG" in os.environ else None)
    file = named or project_root() / "config" / "ivr.toml"
    table = read_table(file) if file.exists() or named else {}
    settings = checked(Settings, table, file)
    overlay = settings.data / OVERLAY
    if not overlay.exists():
        return settings
    over = {name: values for name, values in read_table(overlay).items() if name != "week"}
    both = {name: {**table.get(name, {}), **over.get(name, {})} for name in (*table, *over)}
    return checked(Settings, both, overlay)


def read_regulation(path: Path | None = None) -> Regulation:
    """The regulation's numbers.

    Raises:
        SettingsError: unknown numbers, wrong values, or recordings kept for less than a year (clause 6.3).
    """
    file = path or project_root() / "config" / "regulation.toml"
    data = read_table(file)
    unknown = [f"{file}: unknown number {key}" for key in data if key not in Regulation.__dataclass_fields__]
    if unknown:
        raise SettingsError(unknown)
    rules = checked(Regulation, data, file)
    if rules.retention_days < _LEAST_RETENTION_DAYS:
        raise SettingsError(f"{file}: retention_days: clause 6.3 demands at least {_LEAST_RETENTION_DAYS}")
    return replace(rules)
