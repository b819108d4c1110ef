"""Understanding: the text of a recogniser in, facts out. Pure, deterministic, explainable."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ivr.domain.contact import Address, PhoneNumber
from ivr.domain.turn import HeardWord
from ivr.language.facts import Certain, Facts, Span
from ivr.language.lexicon import Lexicon
from ivr.language.morphology import Morphology
from ivr.language.names import NameFinder
from ivr.language.numerals import as_said
from ivr.language.phone_runs import find_runs
from ivr.language.phones import complete, find_phones
from ivr.language.text import split
from ivr.language.topics import TopicFinder

_FLAGS = ("abuse", "threat", "advert", "emergency")
_LONGEST_TEXT = 20_000


class Understanding:
    """Finds the facts of a message; built once from the lexicon."""

    def __init__(self, lexicon: Lexicon, morphology: Morphology | None = None) -> None:
        self._lexicon = lexicon
        self._morphology = morphology or Morphology()
        self._topics = TopicFinder(lexicon.topics, lexicon.landmarks, self._morphology)
        self._names = NameFinder(lexicon, self._morphology)
        self._flags = {
            flag: {self._morphology.lemma(word) for word in lexicon.words.get(f"flags.{flag}", ())} for flag in _FLAGS
        }

    def __call__(self, text: str, *, words: Sequence[HeardWord] = (), asked: str = "") -> Facts:
        """Facts of a text.

        Args:
            text: words of the recogniser, lower case, no punctuation.
            words: the same with confidence; a doubtful digit lowers its number's confidence.
            asked: "phone" or "name" when the text answers that question.
        """
        heard = split(text)
        phones, incomplete = find_phones(heard, self._lexicon, asked=asked == "phone")
        raw = text.lower().split()[: len(heard)]
        name = self._names.find(raw, heard, asked=asked == "name")
        said = " ".join(heard)
        return Facts(
            phones=tuple(_weighed(phone, words) for phone in phones),
            name=name,
            topics=self._topics.find(heard) if heard else (),
            address=self._address(heard),
            flags=self._flags_in(heard),
            gist=self._gist(heard, [phone.span for phone in phones] + ([name.span] if name else [])),
            incomplete_phone=incomplete,
            wants_caller_id=any(phrase in said for phrase in self._lexicon.words.get("phones.caller_id", ())),
            refused_name=any(phrase in said for phrase in self._lexicon.words.get("names.refusals", ())),
        )

    def yes_or_no(self, text: str) -> bool | None:
        """The answer to "is it right?"; None: neither."""
        words = split(text)
        if any(self._lexicon.has("confirmation.no", word) for word in words):
            return False
        return True if any(self._lexicon.has("confirmation.yes", word) for word in words) else None

    def correction(self, text: str, current: PhoneNumber) -> PhoneNumber | None:
        """Another number, or another end of the current one («нет, на конце сорок три»); None: no number said."""
        words = split(text)
        phones, _ = find_phones(words, self._lexicon)
        whole = [phone for phone in phones if len("".join(phone.why)) > 6]
        if whole:
            return whole[-1].value
        for run in find_runs(words, self._lexicon):
            digits = as_said(run.numerals)
            if 2 <= len(digits) <= 7:
                return complete("8" + current.e164[2 : -len(digits)] + digits, self._lexicon.number_plan)
        return None

    def _address(self, words: Sequence[str]) -> Certain[Address] | None:
        has = self._lexicon.has
        street = house = flat = locality = None
        places: list[int] = []
        for place, word in enumerate(words):
            following = words[place + 1] if place + 1 < len(words) else ""
            if has("addresses.street", word) and following and not street:
                street = following.capitalize()
                places += [place, place + 1]
            elif has("addresses.localities", word) and not locality:
                locality = self._morphology.lemma(word).capitalize()
                places.append(place)
            elif has("addresses.house", word) or has("addresses.flat", word):
                digits = self._number_after(words, place)
                if digits and has("addresses.house", word):
                    house = house or digits
                    places += [place, place + 1]
                elif digits:
                    flat = flat or digits
                    places += [place, place + 1]
        if not (street or locality):
            return None
        span = Span(min(places), max(places) + 1)
        return Certain(Address(locality, street, house, flat), 0.6, span, tuple(words[span.start : span.end]))

    def _number_after(self, words: Sequence[str], place: int) -> str | None:
        runs = find_runs(words[place + 1 : place + 5], self._lexicon)
        return as_said(runs[0].numerals) if runs and runs[0].start == 0 else None

    def _flags_in(self, words: Sequence[str]) -> tuple[Certain[str], ...]:
        found = []
        for flag, lemmas in self._flags.items():
            places = [place for place, word in enumerate(words) if self._morphology.lemma(word) in lemmas]
            if places:
                why = tuple(words[place] for place in places)
                found.append(Certain(flag, 0.6, Span(places[0], places[-1] + 1), why))
        return tuple(found)

    def _gist(self, words: Sequence[str], spans: Sequence[Span]) -> str:
        dropped = {place for span in spans for place in range(span.start, span.end)}
        kept = [word for place, word in enumerate(words) if place not in dropped]
        text = re.sub(r"\s+", " ", " ".join(kept)).strip()
        return text[:1].upper() + text[1:]


def _weighed(phone: Certain[PhoneNumber], words: Sequence[HeardWord]) -> Certain[PhoneNumber]:
    spoken = words[phone.span.start : phone.span.end]
    doubt = min((word.confidence for word in spoken), default=1.0)
    return Certain(phone.value, round(phone.confidence * (0.5 + 0.5 * doubt), 3), phone.span, phone.why)
