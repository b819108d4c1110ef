"""What is known of a citizen's message while the conversation is still going on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ivr.domain.call import Call, Mode
from ivr.domain.contact import Address, PersonName, PhoneNumber
from ivr.domain.message import Found, Message
from ivr.domain.turn import Reply, Speaker, Turn
from ivr.language.facts import Certain, Facts
from ivr.language.understanding import Understanding

UNSUCCESSFUL_TOPIC = "unsuccessful_call"
_UNSURE = ("other", UNSUCCESSFUL_TOPIC)
CONFIRMATION_PROMPT = "number_read_back_question"


class Fact(StrEnum):
    """A fact the assistant may ask for."""

    PHONE = "phone"
    NAME = "name"


class Answer(StrEnum):
    """What the caller says of the number read back to him."""

    YES = "yes"
    NO = "no"
    CORRECTED = "corrected"
    UNCLEAR = "unclear"


KEYS = {"1": True, "2": False}


async def _nothing_promised(_number: str) -> datetime | None:
    return None


@dataclass(slots=True)
class Draft:
    """Collects facts turn by turn; `seal` makes the journal's row of them.

    Attributes:
        due: when the citizen will be called back, local time, for the promise.
        caller_number: caller ID, "" when anonymous.
        notified: the recording notice has been heard already, at the front desk.
        wants_callback: the caller did not want to wait for an operator.
        refused: the caller has said that the number read back is wrong.
        promised: tells when a number is going to be called back already, None: nobody has promised it.
        tell: told what is known after each reply that brought something new, for the live board.
    """

    due: datetime
    caller_number: str = ""
    mode: Mode = Mode.AFTER_HOURS
    notified: bool = False
    wants_callback: bool = False
    promised: Callable[[str], Awaitable[datetime | None]] = _nothing_promised
    tell: Callable[[Mapping[str, str]], None] = lambda _facts: None
    phone: PhoneNumber | None = None
    name: PersonName | None = None
    address: Address | None = None
    topics: tuple[Certain[str], ...] = ()
    flags: tuple[str, ...] = ()
    gist: str = ""
    incomplete_phone: str = ""
    confirmed: bool = False
    refused: bool = False
    spoke: bool = False
    recognised: bool = True
    _wants_caller_id: bool = False
    _refused_name: bool = False
    _turns_heard: int = 0
    _texts: list[str] = field(default_factory=list)
    _found: dict[str, Found] = field(default_factory=dict)
    _told: Mapping[str, str] = field(default_factory=dict)

    def hear(self, reply: Reply, facts: Facts, asked: Fact | None = None) -> None:
        """Take a reply in. What was said first stays, but an answer to a question replaces its fact."""
        self.spoke = self.spoke or reply.spoke or bool(reply.keys)
        self.recognised = self.recognised and reply.recognised
        if reply.text:
            self._texts.append(reply.text)
        if facts.phones and (self.phone is None or asked is Fact.PHONE):
            self.correct_phone(facts.phones[0].value)
            self._note("phone", facts.phones[0])
        if facts.name and (self.name is None or asked is Fact.NAME or _fuller(facts.name.value, self.name)):
            self.name = facts.name.value
            self._note("name", facts.name)
        if asked is None or not self.topics:
            self._hear_matter(facts)
        self._wants_caller_id = self._wants_caller_id or facts.wants_caller_id
        self._refused_name = self._refused_name or facts.refused_name
        self.flags = tuple(dict.fromkeys((*self.flags, *(flag.value for flag in facts.flags))))
        if facts.incomplete_phone:
            self.incomplete_phone = facts.incomplete_phone.value
        self._turns_heard += 1
        self._tell_news()

    def _tell_news(self) -> None:
        facts = {
            "phone": self.phone.e164 if self.phone else "",
            "name": self.name.full if self.name else "",
            "topic": self.topics[0].value if self.topics else "",
            "address": self.address.full if self.address else "",
        }
        known = {fact: value for fact, value in facts.items() if value}
        if known != self._told:
            self._told = known
            self.tell(known)

    def _hear_matter(self, facts: Facts) -> None:
        if facts.topics and (not self.topics or self.topics[0].value in _UNSURE):
            self.topics = facts.topics
            self._note("topic", facts.topics[0])
        if facts.address and self.address is None:
            self.address = facts.address.value
            self._note("address", facts.address)
        self.gist = " ".join(part for part in (self.gist, facts.gist) if part)

    def _note(
        self,
        fact: str,
        certain: Certain[object] | Certain[PhoneNumber] | Certain[PersonName] | Certain[str] | Certain[Address],
    ) -> None:
        span = certain.span
        self._found[fact] = Found(certain.confidence, self._turns_heard, span.start, span.end, certain.why)

    def correct_phone(self, phone: PhoneNumber) -> None:
        """The number is this one; it has not been confirmed yet."""
        self.phone, self.confirmed, self.refused, self.incomplete_phone = phone, False, False, ""

    def let_go_of_refused(self) -> None:
        """A number that the caller has said is wrong is none where his own is known; people see it beside that one."""
        if self.refused and self.phone and self.caller_number:
            self.incomplete_phone, self.phone, self.refused = self.phone.e164, None, False
            self._found.pop("phone", None)

    def hear_confirmation(self, reply: Reply, understand: Understanding) -> Answer:
        """Take in the answer to the number read back: yes, no, another number, or nothing clear (interpretation 8)."""
        self._turns_heard += 1
        if self.phone is None:
            return Answer.UNCLEAR
        if reply.keys[:1] in KEYS:
            self.confirmed = KEYS[reply.keys[:1]]
            self.refused = not self.confirmed
            return Answer.YES if self.confirmed else Answer.NO
        corrected = understand.correction(reply.text, self.phone)
        if corrected and corrected != self.phone:
            self.correct_phone(corrected)
            self._tell_news()
            return Answer.CORRECTED
        said = understand.yes_or_no(reply.text)
        if said is None:
            said = understand.yes_or_no(reply.choice)
        if said is None:
            return Answer.UNCLEAR
        self.confirmed, self.refused = said, not said
        return Answer.YES if said else Answer.NO

    @property
    def lacks_phone(self) -> bool:
        """The caller has to be asked for a number; not when nobody could understand his answer."""
        caller_id_serves = self._wants_caller_id and bool(self.caller_number)
        return self.recognised and self.phone is None and not caller_id_serves

    @property
    def lacks_name(self) -> bool:
        """The caller has to be asked for a name; not when he does not want to say it."""
        return self.recognised and self.name is None and not self._refused_name

    @property
    def can_be_called(self) -> bool:
        """Some number is known."""
        return bool(self.phone or self.caller_number)

    async def already_promised(self) -> datetime | None:
        """When the citizen is going to be called back for an earlier call, local time; None: he is on no list."""
        number = self.phone.e164 if self.phone else self.caller_number
        return await self.promised(number) if number else None

    @property
    def is_urgent(self) -> bool:
        """Emergency words were heard (interpretation 24)."""
        return "emergency" in self.flags

    def seal(self, call: Call, edition: str) -> Message:
        """The journal's row."""
        self.let_go_of_refused()
        topics = tuple((topic.value, topic.confidence) for topic in self.topics)
        topic = topics[0][0] if topics else (UNSUCCESSFUL_TOPIC if self.recognised and not self._texts else None)
        return Message(
            id=call.id,
            municipality=call.municipality,
            received_at=call.started_at,
            topic=topic,
            topics=topics,
            name=self.name,
            phone=self.phone,
            caller_number=self.caller_number,
            address=self.address,
            gist=self.gist,
            text=" ".join(self._texts),
            recognised=self.recognised,
            flags=self.flags,
            confirmed=self.confirmed,
            incomplete_phone=self.incomplete_phone,
            found=tuple(sorted(self._found.items())),
            edition=edition,
        )


def _fuller(new: PersonName, old: PersonName) -> bool:
    """The new name says all that the old one said, and more."""
    pairs = [(getattr(old, part), getattr(new, part)) for part in ("surname", "name", "patronymic")]
    return all(was is None or was == now for was, now in pairs) and any(was is None and now for was, now in pairs)


def draft_from_turns(draft: Draft, turns: Sequence[Turn], understand: Understanding) -> Draft:
    """The draft made anew from the turns in the journal: after a crash, or when text was made later."""
    asked: str = ""
    for turn in turns:
        if turn.speaker is Speaker.ASSISTANT:
            asked = turn.prompt or ""
            continue
        if turn.speaker is Speaker.OPERATOR:  # his words are nobody's message
            draft.recognised = draft.recognised and turn.recognised
            continue
        reply = Reply(
            turn.text,
            turn.words,
            turn.keys,
            offset=turn.offset,
            seconds=turn.seconds,
            spoke=True,
            recognised=turn.recognised,
        )
        if asked == CONFIRMATION_PROMPT:
            draft.hear_confirmation(reply, understand)
        else:
            draft.hear(reply, understand_reply(understand, reply, _fact_asked(asked)), _fact_asked(asked))
    return draft


def understand_reply(understand: Understanding, reply: Reply, asked: Fact | None = None) -> Facts:
    """Facts of a reply; a number keyed in counts as said."""
    text = f"{reply.text} {reply.keys}".strip() if len(reply.keys) > 1 else reply.text
    return understand(text, words=reply.words, alternatives=reply.alternatives, asked=asked or "")


def _fact_asked(prompt: str) -> Fact | None:
    return next((fact for fact in Fact if prompt.startswith(f"ask_{fact}")), None)
