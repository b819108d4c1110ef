"""The assistant takes a message: the whole conversation on one screen (clauses 7, 12; interpretations 7, 8, 24)."""

from __future__ import annotations

from ivr.dialogue.draft import Answer, Draft, Fact, understand_reply
from ivr.dialogue.prompts import Prompts
from ivr.domain.regulation import Regulation
from ivr.domain.turn import Reply
from ivr.language.understanding import Understanding
from ivr.ports import Line, Prompt


async def take_message(line: Line, say: Prompts, understand: Understanding, rules: Regulation, draft: Draft) -> None:
    """Greet, hear the caller out, ask only for what is missing, read the number back, promise, part.  (Clause 12.)

    Raises:
        CallerHungUp: from any line below; `draft` keeps what was said.
    """
    await line.play(*say.opening(rules, draft.mode, notified=draft.notified, wants_callback=draft.wants_callback))
    line.record()
    await line.play(say.beep)
    await _hear_out(line, say, understand, rules, draft)
    if draft.is_urgent:
        await line.play(say.emergency_112)
    if rules.ask_for_missing and draft.spoke:
        await _ask_for_phone(line, say, understand, rules, draft)
        await _confirm_phone(line, say, understand, rules, draft)
        await _ask_for_name(line, say, understand, rules, draft)
    await line.play(*await _parting(say, rules, draft))


async def _hear_out(line: Line, say: Prompts, understand: Understanding, rules: Regulation, draft: Draft) -> None:
    """The free message: up to 90 s after the beep; who is silent or too quiet is encouraged once."""
    for encouragement in (say.silence_prompt, None):
        reply = await line.listen(
            max_seconds=rules.message_seconds,
            silence_seconds=rules.silence_seconds,
            patience_seconds=rules.patience_seconds,
        )
        draft.hear(reply, understand_reply(understand, reply))
        if reply.text or reply.keys or not reply.recognised or encouragement is None:
            return
        await line.play(say.too_quiet if reply.spoke else encouragement)


async def _ask(line: Line, rules: Regulation, *question: Prompt, phrases: tuple[str, ...] = (), keys: int = 0) -> Reply:
    await line.play(*question, until_key=True)
    return await line.listen(
        max_seconds=rules.answer_seconds_at_most, silence_seconds=rules.answer_silence_seconds,
        patience_seconds=rules.confirm_seconds, phrases=phrases, keys=keys,
    )  # fmt: skip


async def _ask_for_phone(line: Line, say: Prompts, understand: Understanding, rules: Regulation, draft: Draft) -> None:
    for question in (say.ask_phone, say.ask_phone_again)[: rules.questions_at_most]:
        if not draft.lacks_phone:
            return
        reply = await _ask(line, rules, question, keys=11)
        draft.hear(reply, understand_reply(understand, reply), Fact.PHONE)


async def _confirm_phone(line: Line, say: Prompts, understand: Understanding, rules: Regulation, draft: Draft) -> None:
    """Read the number back until the caller agrees; he may correct it by voice or key in another."""
    for _ in range(rules.questions_at_most + 1):
        if draft.phone is None:
            break
        question = (say.number_read_back_start, say.number(draft.phone), say.number_read_back_question)
        reply = await _ask(line, rules, *question, phrases=say.yes_no_phrases, keys=1)
        answer = draft.hear_confirmation(reply, understand)
        if answer in (Answer.YES, Answer.UNCLEAR):
            break
        if answer is Answer.NO:
            reply = await _ask(line, rules, say.ask_number_again, keys=11)
            draft.hear(reply, understand_reply(understand, reply), Fact.PHONE)
    draft.let_go_of_refused()
    if draft.phone is None and draft.caller_number:
        await line.play(say.number_is_caller_id)


async def _ask_for_name(line: Line, say: Prompts, understand: Understanding, rules: Regulation, draft: Draft) -> None:
    for question in (say.ask_name, say.ask_name_again)[: rules.questions_at_most]:
        if not draft.lacks_name:
            return
        reply = await _ask(line, rules, question)
        draft.hear(reply, understand_reply(understand, reply, Fact.NAME), Fact.NAME)


async def _parting(say: Prompts, rules: Regulation, draft: Draft) -> tuple[Prompt, ...]:
    """Thanks, and the promise; who is on the list already hears so, and the earlier of the two days."""
    if not draft.can_be_called:
        return (say.no_number, say.goodbye)
    promised = await draft.already_promised() if rules.tell_already_on_list else None
    due = min(promised, draft.due) if promised else draft.due
    promise = say.promise(due) if rules.name_the_day else say.promise_plain
    return (say.thanks, *((say.already_on_list,) if promised else ()), promise, say.goodbye)
