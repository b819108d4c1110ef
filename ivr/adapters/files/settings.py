"""Settings of the whole product: `config/ivr.toml`, or defaults that work without it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import ivr
from ivr.adapters.files.settings_tables import (
    ClusterTable,
    DeskTable,
    LoadTable,
    LogTable,
    MailTable,
    MunicipalityTable,
    NoticesTable,
    PhoneTable,
    SignInTable,
    SpeechTable,
    StorageTable,
    Table,
    UnderstandingTable,
    WebTable,
)
from ivr.adapters.files.tables import checked, place_of, read_table
from ivr.domain.dial_plan import normal_number
from ivr.domain.regulation import Regulation
from ivr.errors import SettingsError
from ivr.language.lexicon import NumberPlan

OVERLAY = "console.toml"
"""In the data folder: what people have changed in the console, laid over the installer's file."""

_NOT_SETTINGS = ("week", "days", "regulation")
"""Tables of the overlay that lie over other files: the calendar's, the regulation's."""


def project_root() -> Path:
    """Where `config/`, `audio/` and `models/` lie: IVR_HOME, else the checkout."""
    home = os.environ.get("IVR_HOME")
    return Path(home) if home else Path(ivr.__file__).resolve().parent.parent


class Settings(Table):
    """Everything an installer can set."""

    municipality: MunicipalityTable = MunicipalityTable()
    municipalities: tuple[MunicipalityTable, ...] = ()
    phone: PhoneTable = PhoneTable()
    speech: SpeechTable = SpeechTable()
    storage: StorageTable = StorageTable()
    desk: DeskTable = DeskTable()
    understanding: UnderstandingTable = UnderstandingTable()
    web: WebTable = WebTable()
    log: LogTable = LogTable()
    cluster: ClusterTable = ClusterTable()
    notices: NoticesTable = NoticesTable()
    load: LoadTable = LoadTable()
    mail: MailTable | None = None
    sign_in: SignInTable | None = None

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
    def engine_numbers(self) -> range:
        """Numbers of this machine's engines."""
        return range(self.phone.first_engine, self.phone.first_engine + self.phone.engines)

    @property
    def model(self) -> Path:
        """The speech model's folder; one that the console has made is looked for where the data are now."""
        made = self.data / "models" / self.speech.model.name
        return made if made.is_dir() else _absolute(self.speech.model)

    @property
    def database_url(self) -> str:
        """SQLAlchemy's URL of the journal."""
        return self.storage.database or f"sqlite:///{self.data / 'journal.db'}"

    @property
    def served(self) -> tuple[MunicipalityTable, ...]:
        """The house's own municipality and the others it serves."""
        return (self.municipality, *self.municipalities)

    @property
    def number_plan(self) -> NumberPlan:
        """Completion of local numbers."""
        return self.plan_of("")

    def named(self, key: str) -> MunicipalityTable:
        """A municipality; the house's own without a key, or for one that is served no longer."""
        return next((table for table in self.municipalities if table.key == key), self.municipality)

    def plan_of(self, municipality: str) -> NumberPlan:
        """Completion of a municipality's local numbers."""
        return NumberPlan(**self.named(municipality).number_plan.model_dump())

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
        return _consistent(settings, file)
    over = {name: values for name, values in read_table(overlay).items() if name not in _NOT_SETTINGS}
    both = table | {name: {**table.get(name, {}), **values} for name, values in over.items()}
    return _consistent(checked(Settings, both, overlay), file)


def _consistent(settings: Settings, file: Path) -> Settings:
    """The same, when no two municipalities claim one key or one number.

    Raises:
        SettingsError: every claim that two make.
    """
    mistakes: list[str] = []
    keys: set[str] = set()
    owners: dict[str, str] = {}
    for place, table in enumerate(settings.served):
        where = place_of(file, "municipalities", str(place - 1), "key") if place else place_of(file, "municipality")
        if table.key in keys:
            mistakes.append(f"{where}: municipality {table.key}: two have this key")
        keys.add(table.key)
        if place and not (table.numbers or table.overflow_numbers):
            mistakes.append(f"{where}: municipality {table.key}: nobody can dial it: give it numbers")
        for number in (*table.numbers, *table.overflow_numbers):
            owner = owners.setdefault(normal_number(number) or number.lower(), table.key)
            if owner != table.key:
                mistakes.append(f"{where}: municipality {table.key}: {number} belongs to {owner} already")
    if mistakes:
        raise SettingsError(mistakes)
    return settings


def read_regulation(path: Path | None = None, over: Path | None = None) -> Regulation:
    """The regulation's numbers.

    Args:
        over: a file whose table `regulation` is laid over them.

    Raises:
        SettingsError: unknown numbers, wrong values, or values beyond their limits (`ivr.domain.regulation.LIMITS`).
    """
    file = path or project_root() / "config" / "regulation.toml"
    data = read_table(file)
    if over and over.exists():
        data |= read_table(over).get("regulation", {})
    unknown = [f"{file}: unknown number {key}" for key in data if key not in Regulation.__dataclass_fields__]
    if unknown:
        raise SettingsError(unknown)
    rules = checked(Regulation, data, file)
    if wrong := rules.mistakes():
        raise SettingsError([f"{file}: {one}" for one in wrong])
    return replace(rules)
