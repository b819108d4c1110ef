"""What the assistant can say: recorded phrases, and numbers and days composed of recorded pieces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.domain.call import Mode
from ivr.domain.contact import PhoneNumber
from ivr.domain.presence import Presence
from ivr.domain.regulation import Regulation
from ivr.domain.turn import Turn
from ivr.errors import SettingsError
from ivr.ports import RATE_HZ, Prompt

RECORDING_NOTICE = "recording_notice"
BEEP = "beep"
PHRASES = (
    RECORDING_NOTICE, "after_hours_greeting", "overflow_greeting", "silence_prompt", "too_quiet", "emergency_112",
    "ask_phone", "ask_phone_again", "ask_number_again", "number_read_back_start", "number_read_back_question",
    "number_is_caller_id", "no_number", "ask_name", "ask_name_again", "already_on_list", "thanks", "promise_plain",
    "promise_start", "goodbye", "technical_fault", "connecting", "reconnecting",
    "call_me_back_greeting", "presence_on_shift", "presence_after_call", "presence_away", "presence_off",
    "presence_failed",
)  # fmt: skip
_WITHIN_GROUP_SECONDS = 0.04
_BETWEEN_GROUPS_SECONDS = 0.28


def notice_heard(turns: Iterable[Turn]) -> float:
    """Seconds of the recording notice that the citizen heard (clause 7)."""
    return next((turn.seconds for turn in turns if turn.prompt == RECORDING_NOTICE), 0.0)


@dataclass(frozen=True, slots=True)
class SpokenPieces:
    """Words of which numbers and days are composed, as `config/prompts.ru.toml` has them."""

    units: Sequence[str]
    teens: Sequence[str]
    tens: Sequence[str]
    hundreds: Sequence[str]
    weekdays: Sequence[str]
    days: Sequence[str]
    months: Sequence[str]

    def texts(self) -> dict[str, str]:
        """Name and text of every piece to be recorded; punctuation carries the intonation."""
        numbers = {str(digit): word for digit, word in enumerate(self.units)}
        numbers |= {f"0{digit}": f"{self.units[0]} {word}" for digit, word in enumerate(self.units)}
        numbers |= {str(10 + n): word for n, word in enumerate(self.teens)}
        for n, ten in enumerate(self.tens, 2):
            numbers |= {f"{n}{unit}": f"{ten} {word}" if unit else ten for unit, word in enumerate(self.units)}
        numbers |= {f"{n}00": word for n, word in enumerate(self.hundreds, 1)}
        texts = {f"number_{key}_more": f"{word}," for key, word in numbers.items()}
        texts |= {f"number_{key}_last": f"{word}." for key, word in numbers.items()}
        texts |= {f"weekday_{n}": f"{word}," for n, word in enumerate(self.weekdays, 1)}
        texts |= {f"day_{n}": word for n, word in enumerate(self.days, 1)}
        texts |= {f"month_{n}": f"{word}." for n, word in enumerate(self.months, 1)}
        return texts


def spoken_groups(phone: PhoneNumber) -> tuple[str, ...]:
    """Digits of a number in the groups people say: 8, three, three, two, two; other lengths in pairs from the end.

    >>> spoken_groups(PhoneNumber("+79000000102"))
    ('8', '900', '000', '01', '02')
    """
    digits = phone.e164.lstrip("+")
    if len(digits) == 11 and digits[0] == "7":
        return ("8", digits[1:4], digits[4:7], digits[7:9], digits[9:11])
    odd = digits[: len(digits) % 2]
    pairs = [digits[i : i + 2] for i in range(len(odd), len(digits), 2)]
    return tuple(part for part in (odd, *pairs) if part)


def group_pieces(group: str) -> tuple[str, ...]:
    """Recorded pieces of one group: "126" is "100", "26"; "005" is "0", "05"; "000" is "0", "00".

    >>> group_pieces("907")
    ('900', '7')
    """
    if len(group) < 3:
        return (group,)
    if group[0] == "0":
        return ("0", group[1:])
    rest = group[1:]
    if rest == "00":
        return (f"{group[0]}00",)
    return (f"{group[0]}00", rest[1] if rest[0] == "0" else rest)


def _silence(seconds: float) -> bytes:
    return bytes(2 * round(seconds * RATE_HZ))


class Prompts:
    """All phrases of the assistant, each an attribute; complete or not made at all.

    Args:
        catalog: every phrase, piece and the beep by name.
        yes_no_phrases: what may be answered to "is it right?".

    Raises:
        SettingsError: names every phrase that is missing.
    """

    recording_notice: Prompt
    after_hours_greeting: Prompt
    overflow_greeting: Prompt
    silence_prompt: Prompt
    too_quiet: Prompt
    emergency_112: Prompt
    ask_phone: Prompt
    ask_phone_again: Prompt
    ask_number_again: Prompt
    number_read_back_start: Prompt
    number_read_back_question: Prompt
    number_is_caller_id: Prompt
    no_number: Prompt
    ask_name: Prompt
    ask_name_again: Prompt
    already_on_list: Prompt
    thanks: Prompt
    promise_plain: Prompt
    promise_start: Prompt
    goodbye: Prompt
    technical_fault: Prompt
    connecting: Prompt
    reconnecting: Prompt
    call_me_back_greeting: Prompt
    presence_failed: Prompt
    beep: Prompt

    def __init__(self, catalog: Mapping[str, Prompt], pieces: Iterable[str], yes_no_phrases: Sequence[str]) -> None:
        missing = sorted({*PHRASES, BEEP, *pieces} - set(catalog))
        if missing:
            raise SettingsError([f"audio/prompts/{name}.wav: this phrase is not recorded" for name in missing])
        self._catalog = catalog
        self.yes_no_phrases = tuple(yes_no_phrases)
        for name in (*PHRASES, BEEP):
            setattr(self, name, catalog[name])

    def known(self, prompt: Prompt) -> Prompt:
        """The same phrase of this voice where it sounds and says the same, else the one given: one memory for both."""
        mine = self._catalog.get(prompt.name)
        return mine if mine is not None and mine == prompt else prompt

    def opening(
        self, rules: Regulation, mode: Mode = Mode.AFTER_HOURS, *, notified: bool = False, wants_callback: bool = False
    ) -> tuple[Prompt, ...]:
        """The recording notice and the greeting, in the order of the settings (clauses 7, 12, 14; interpretation 7).

        Args:
            notified: the caller has heard the notice already.
            wants_callback: he did not want to wait.
        """
        overflow = self.call_me_back_greeting if wants_callback else self.overflow_greeting
        greeting = overflow if mode is Mode.OVERFLOW else self.after_hours_greeting
        if notified:
            return (greeting,)
        order = (self.recording_notice, greeting)
        return order if rules.recording_notice_first else order[::-1]

    def presence(self, state: Presence) -> Prompt:
        """What an operator hears who has said by a short code what he does (clause 9)."""
        return self._catalog[f"presence_{state.value}"]

    def number(self, phone: PhoneNumber) -> Prompt:
        """A number read in natural groups."""
        groups = spoken_groups(phone)
        sound: list[bytes] = []
        texts: list[str] = []
        for place, group in enumerate(groups):
            pieces = group_pieces(group)
            for piece in pieces:
                last = place == len(groups) - 1 and piece is pieces[-1]
                prompt = self._catalog[f"number_{piece}_{'last' if last else 'more'}"]
                sound += [prompt.pcm, _silence(_WITHIN_GROUP_SECONDS)]
                texts.append(prompt.text if piece is pieces[-1] else prompt.text.rstrip(","))
            sound.append(_silence(_BETWEEN_GROUPS_SECONDS))
        return Prompt("number", " ".join(texts), b"".join(sound))

    def promise(self, due: datetime) -> Prompt:
        """The day and hour of the call back, in words. `due` is local time (clause 13: 12:00)."""
        names = ("promise_start", f"weekday_{due.isoweekday()}", f"day_{due.day}", f"month_{due.month}")
        parts = [self._catalog[name] for name in names]
        sound = _silence(_WITHIN_GROUP_SECONDS).join(part.pcm for part in parts)
        return Prompt("promise", " ".join(part.text for part in parts), sound)
