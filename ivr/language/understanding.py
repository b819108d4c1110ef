"""Understanding: the text of a recogniser in, facts out. Pure, deterministic, explainable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from ivr.domain.contact import PhoneNumber
from ivr.domain.precedent import Precedent
from ivr.domain.turn import HeardWord
from ivr.language.addresses import AddressFinder
from ivr.language.facts import Certain, Facts, Span
from ivr.language.flags import FlagFinder
from ivr.language.gazetteer import Gazetteer
from ivr.language.gist import gist
from ivr.language.house_numbers import NumberReader
from ivr.language.lexicon import Lexicon
from ivr.language.misheard import MisheardNumerals
from ivr.language.morphology import Morphology, shared_morphology
from ivr.language.names import NameFinder
from ivr.language.numerals import as_said
from ivr.language.phone_runs import find_runs
from ivr.language.phones import complete, find_phones
from ivr.language.precedents import NOBODY, Precedents, Votes
from ivr.language.second_readings import chosen_phones
from ivr.language.text import MARKS, split
from ivr.language.topics import TopicFinder

_Voted = Callable[[Sequence[str]], Votes]
_UNSUCCESSFUL = "unsuccessful_call"
_SURE_TOPIC = 0.9


class Understanding:
    """Finds the facts of a message; built once from the lexicon."""

    def __init__(self, lexicon: Lexicon, morphology: Morphology | None = None) -> None:
        self._lexicon = lexicon
        self._morphology = morphology or shared_morphology()
        self._topics = TopicFinder(lexicon.topics, lexicon.landmarks, self._morphology)
        gazetteer = Gazetteer(lexicon.localities, lexicon.streets, self._morphology)
        self._names = NameFinder(lexicon, self._morphology, gazetteer)
        self._numbers = NumberReader(lexicon, self._morphology)
        self._addresses = AddressFinder(lexicon, self._morphology, gazetteer, self._numbers)
        self._numerals = MisheardNumerals(lexicon.numerals, self._morphology)
        self._flags = FlagFinder(lexicon.flags, self._morphology)
        self._precedents = Precedents((), self._morphology)

    def __call__(
        self, text: str, *, words: Sequence[HeardWord] = (), alternatives: Sequence[str] = (), asked: str = ""
    ) -> Facts:
        """Facts of a text.

        Args:
            text: words of the recogniser, lower case, no punctuation.
            words: the same with confidence; a doubtful digit lowers its number's confidence.
            alternatives: the recogniser's other readings of the same sound, the likeliest first.
            asked: "phone" or "name" when the text answers that question.
        """
        return self._facts(text, words, alternatives, asked, self._precedents.votes)

    def learn(self, examples: Sequence[Precedent]) -> Precedents:
        """Let messages with confirmed topics vote from now on, instead of those before; none: nobody votes."""
        self._precedents = Precedents(examples, self._morphology)
        return self._precedents

    def with_and_without(self, text: str, *, but: int) -> tuple[str, str]:
        """The topic without any votes, and with all votes but one example's; "" where there is none."""
        read = (self._facts(text, (), (), "", votes) for votes in (_nobody, partial(self._precedents.votes, but=but)))
        before, after = (facts.topics[0].value if facts.topics else "" for facts in read)
        return before, after

    def _facts(
        self, text: str, words: Sequence[HeardWord], alternatives: Sequence[str], asked: str, voted: _Voted
    ) -> Facts:
        heard = self._numerals.mended(split(text))
        phones, incomplete = find_phones(heard, self._lexicon, asked=asked == "phone")
        phones = [_weighed(phone, words) for phone in phones]
        if alternatives:
            others = [self._phones_of(other, asked) for other in alternatives]
            phones, incomplete = chosen_phones(phones, incomplete, others, len(heard))
        raw = [word.strip(MARKS) for word in text.lower().split()[: len(heard)]]
        name = self._names.find(raw, heard, masked=_places([phone.span for phone in phones]), asked=asked == "name")
        said = " ".join(heard)
        taken = [phone.span for phone in phones] + ([name.span] if name else [])
        flags = self._flags.find(heard)
        address = self._addresses.find(heard, taken)
        skipped = _places(taken) | (address.places if address else frozenset())
        votes = voted([word for place, word in enumerate(heard) if place not in skipped])
        return Facts(
            phones=tuple(phones),
            name=name,
            topics=self._topics_of(heard, flags, skipped, votes),
            address=address,
            flags=flags,
            gist=gist(heard, raw, taken, self._lexicon, self._numbers),
            incomplete_phone=incomplete,
            wants_caller_id=any(phrase in said for phrase in self._lexicon.words.get("phones.caller_id", ())),
            refused_name=any(phrase in said for phrase in self._lexicon.words.get("names.refusals", ())),
            neighbours=tuple(sorted(votes.neighbours.items(), key=lambda item: -item[1])),
        )

    def _phones_of(self, text: str, asked: str) -> Sequence[PhoneNumber]:
        phones, _ = find_phones(self._numerals.mended(split(text)), self._lexicon, asked=asked == "phone")
        return [phone.value for phone in phones]

    def _topics_of(
        self, heard: Sequence[str], flags: Sequence[Certain[str]], skipped: frozenset[int], votes: Votes
    ) -> tuple[Certain[str], ...]:
        """The topics; what is only an advert has no matter (appendix 2)."""
        topics = self._topics.find(heard, skipped=skipped, votes=votes.scores) if heard else ()
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


def _nobody(_words: Sequence[str]) -> Votes:
    return NOBODY


def _places(spans: Sequence[Span]) -> frozenset[int]:
    return frozenset(place for span in spans for place in range(span.start, span.end))


def _weighed(phone: Certain[PhoneNumber], words: Sequence[HeardWord]) -> Certain[PhoneNumber]:
    spoken = words[phone.span.start : phone.span.end]
    doubt = min((word.confidence for word in spoken), default=1.0)
    return Certain(phone.value, round(phone.confidence * (0.5 + 0.5 * doubt), 3), phone.span, phone.why)
