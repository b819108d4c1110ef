"""Understanding: the text of a recogniser in, facts out. Pure, deterministic, explainable."""

from __future__ import annotations

from collections.abc import Sequence

from ivr.domain.contact import PhoneNumber
from ivr.domain.turn import HeardWord
from ivr.language.addresses import AddressFinder
from ivr.language.facts import Certain, Facts, Span
from ivr.language.flags import FlagFinder
from ivr.language.gazetteer import Gazetteer
from ivr.language.gist import gist
from ivr.language.house_numbers import NumberReader
from ivr.language.lexicon import Lexicon
from ivr.language.misheard import MisheardNumerals
from ivr.language.morphology import Morphology
from ivr.language.names import NameFinder
from ivr.language.numerals import as_said
from ivr.language.phone_runs import find_runs
from ivr.language.phones import complete, find_phones
from ivr.language.text import MARKS, split
from ivr.language.topics import TopicFinder

_UNSUCCESSFUL = "unsuccessful_call"
_SURE_TOPIC = 0.9


class Understanding:
    """Finds the facts of a message; built once from the lexicon."""

    def __init__(self, lexicon: Lexicon, morphology: Morphology | None = None) -> None:
        self._lexicon = lexicon
        self._morphology = morphology or Morphology()
        self._topics = TopicFinder(lexicon.topics, lexicon.landmarks, self._morphology)
        gazetteer = Gazetteer(lexicon.localities, lexicon.streets, self._morphology)
        self._names = NameFinder(lexicon, self._morphology, gazetteer)
        self._numbers = NumberReader(lexicon, self._morphology)
        self._addresses = AddressFinder(lexicon, self._morphology, gazetteer, self._numbers)
        self._numerals = MisheardNumerals(lexicon.numerals, self._morphology)
        self._flags = FlagFinder(lexicon.flags, self._morphology)

    def __call__(self, text: str, *, words: Sequence[HeardWord] = (), asked: str = "") -> Facts:
        """Facts of a text.

        Args:
            text: words of the recogniser, lower case, no punctuation.
            words: the same with confidence; a doubtful digit lowers its number's confidence.
            asked: "phone" or "name" when the text answers that question.
        """
        heard = self._numerals.mended(split(text))
        phones, incomplete = find_phones(heard, self._lexicon, asked=asked == "phone")
        raw = [word.strip(MARKS) for word in text.lower().split()[: len(heard)]]
        name = self._names.find(raw, heard, masked=_places([phone.span for phone in phones]), asked=asked == "name")
        said = " ".join(heard)
        taken = [phone.span for phone in phones] + ([name.span] if name else [])
        flags = self._flags.find(heard)
        address = self._addresses.find(heard, taken)
        return Facts(
            phones=tuple(_weighed(phone, words) for phone in phones),
            name=name,
            topics=self._topics_of(heard, flags, _places(taken) | (address.places if address else frozenset())),
            address=address,
            flags=flags,
            gist=gist(heard, raw, taken, self._lexicon, self._numbers),
            incomplete_phone=incomplete,
            wants_caller_id=any(phrase in said for phrase in self._lexicon.words.get("phones.caller_id", ())),
            refused_name=any(phrase in said for phrase in self._lexicon.words.get("names.refusals", ())),
        )

    def _topics_of(
        self, heard: Sequence[str], flags: Sequence[Certain[str]], skipped: frozenset[int]
    ) -> tuple[Certain[str], ...]:
        """The topics; what is only an advert has no matter (appendix 2)."""
        topics = self._topics.find(heard, skipped=skipped) if heard else ()
        advert = next((flag for flag in flags if flag.value == "advert"), None)
        if advert is None or not topics or topics[0].confidence > _SURE_TOPIC:
            return topics
        first = Certain(_UNSUCCESSFUL, advert.confidence, advert.span, advert.why)
        return (first, *(topic for topic in topics if topic.value != _UNSUCCESSFUL))[:3]

    def yes_or_no(self, text: str) -> bool | None:
        """The answer to "is it right?"; None: neither."""
        words = split(text)
        if any(self._lexicon.has("confirmation.no", word) for word in words):
            return False
        return True if any(self._lexicon.has("confirmation.yes", word) for word in words) else None

    def correction(self, text: str, current: PhoneNumber) -> PhoneNumber | None:
        """Another number, or another end of the current one («нет, на конце сорок три»); None: no number said."""
        words = self._numerals.mended(split(text))
        phones, _ = find_phones(words, self._lexicon)
        whole = [phone for phone in phones if len("".join(phone.why)) > 6]
        if whole:
            return whole[-1].value
        for run in find_runs(words, self._lexicon):
            digits = as_said(run.numerals)
            if 2 <= len(digits) <= 7:
                return complete("8" + current.e164[2 : -len(digits)] + digits, self._lexicon.number_plan)
        return None


def _places(spans: Sequence[Span]) -> frozenset[int]:
    return frozenset(place for span in spans for place in range(span.start, span.end))


def _weighed(phone: Certain[PhoneNumber], words: Sequence[HeardWord]) -> Certain[PhoneNumber]:
    spoken = words[phone.span.start : phone.span.end]
    doubt = min((word.confidence for word in spoken), default=1.0)
    return Certain(phone.value, round(phone.confidence * (0.5 + 0.5 * doubt), 3), phone.span, phone.why)
