"""Who is answered, by whom, and who is rung: the settings as the services read them."""

from __future__ import annotations

from ivr.adapters.files.settings import Settings
from ivr.bootstrap.files import waiting_music
from ivr.domain.call import Mode
from ivr.domain.municipality import Municipalities
from ivr.domain.presence import Presence
from ivr.domain.regulation import Regulation
from ivr.services.admission import Admission
from ivr.services.ringing import Operators, extension
from ivr.services.tones import ringback


def admission_of(settings: Settings, served: Municipalities, rules: Regulation) -> Admission:
    """The rules of admission."""
    forced, desk = settings.phone.forced_mode, settings.desk
    codes = {code: Presence(state) for state, code in desk.codes.model_dump().items() if code}
    return Admission(
        served, Mode(forced) if forced else None, rules.operators_at_least, codes if desk.presence else {},
        {extension(address): who for who, address in desk.phones.items()},
    )  # fmt: skip


def operators_of(settings: Settings) -> Operators:
    """How operators are rung; whom, each call decides.

    Raises:
        SettingsError: the music cannot be played.
    """
    desk = settings.desk
    names = {address: who for who, address in desk.phones.items()}
    return Operators((), desk.in_turn_seconds, names, waiting_music(desk.music) if desk.music else ringback())
