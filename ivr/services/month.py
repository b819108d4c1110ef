"""The month for the head (clause 18): what was counted in two periods, put side by side, and what stands out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ivr.domain.message import Message
from ivr.domain.month import MonthReport, Norm, Tally
from ivr.domain.regulation import Regulation
from ivr.domain.report import LoadDay, Period, Promise, Punctuality
from ivr.domain.report_words import LISTED, SIGNS, ReportWords
from ivr.domain.vocabulary import Kind

_NAMED_AT_MOST = 3
_DISSATISFIED = "dissatisfied"


@dataclass(frozen=True, slots=True)
class Counted:
    """A period in counts by title; every title of a list is there.

    Attributes:
        lists: topics, outcomes, results, statuses.
    """

    whole: Counter[str] = field(default_factory=Counter)
    lists: tuple[Counter[str], ...] = ()
    executors: Counter[str] = field(default_factory=Counter)


def count_messages(messages: Iterable[Message], words: ReportWords) -> Counted:
    """Messages of a period counted, a few at a time in memory."""
    titles = tuple(words.titles(kind) for kind in LISTED)
    counted = Counted(lists=tuple(Counter(dict.fromkeys(one.values(), 0)) for one in titles))
    blank = words.month.not_stated
    for message in messages:
        counted.whole["messages"] += 1
        counted.whole["machine"] += message.operator is None
        counted.whole["repeated"] += bool(message.repeated)
        keys = (message.topic, message.outcome, message.result, message.status)
        for counts, known, key in zip(counted.lists, titles, keys, strict=True):
            counts[known.get(key, key) if key else blank] += 1
        if message.executor:
            counted.executors[message.executor] += 1
    return counted


@dataclass(frozen=True, slots=True)
class Sides:
    """The two periods of a report, the period first."""

    counted: tuple[Counted, Counted]
    days: tuple[Sequence[LoadDay], Sequence[LoadDay]]
    kept: tuple[Punctuality, Punctuality]


def month_report(period: Period, sides: Sides, words: ReportWords, rules: Regulation, remarks: str) -> MonthReport:
    """The report, compared with the period before, and what stands out in it."""
    now, before = sides.counted
    messages, machine, repeated = (
        Tally(key, now.whole[key], before.whole[key]) for key in ("messages", "machine", "repeated")
    )
    topics, outcomes, results, statuses = (_tallies(*both) for both in zip(now.lists, before.lists, strict=True))
    days, days_before = sides.days
    report = MonthReport(
        period, messages, machine, repeated, tuple(_often_first(topics)), outcomes, results, statuses,
        tuple(_often_first(_tallies(now.executors, before.executors))), tuple(days),
        LoadDay.total(period.last, tuple(days)), LoadDay.total(period.before.last, tuple(days_before)), *sides.kept,
        remarks=remarks,
    )  # fmt: skip
    return replace(report, highlights=tuple(_highlights(report, words, rules)))


def _tallies(now: Counter[str], before: Counter[str]) -> tuple[Tally, ...]:
    titles = dict.fromkeys((*now, *before))
    return tuple(Tally(title, now[title], before[title]) for title in titles)


def _often_first(tallies: Iterable[Tally]) -> list[Tally]:
    return sorted(tallies, key=lambda tally: (-tally.now, -tally.before))


def punctuality(promises: Iterable[Promise], now: datetime) -> Punctuality:
    """How the promises stand against clause 13: the hour binds the first attempt (interpretation 4)."""
    kinds = Counter(_kind(promise, now) for promise in promises)
    return Punctuality(**kinds)


def _kind(promise: Promise, now: datetime) -> str:
    if promise.first_attempt_at:
        return "in_time" if promise.first_attempt_at <= promise.due_at else "late"
    if not promise.is_open:
        return "needless"
    return "overdue" if promise.due_at < now else "waiting"


def _highlights(report: MonthReport, words: ReportWords, rules: Regulation) -> Iterator[str]:
    """What the head should know first, most telling sentence first; silent where there is nothing to say."""
    said = words.month.highlights
    if not report.messages.now:
        yield said["nothing"]
    else:
        yield said["often"].format(topics=_often(report, words))
    blank = words.month.not_stated
    changed = sorted((topic for topic in report.topics if topic.title != blank), key=lambda one: one.before - one.now)
    for key, topics in (("more", changed), ("fewer", changed[::-1])):
        grown = [one for one in topics if (one.now > one.before) == (key == "more") and one.now != one.before]
        if grown and report.messages.before:
            named = (said["change"].format(topic=one.title, change=_signed(one.now - one.before)) for one in grown)
            yield said[key].format(topics=", ".join(list(named)[:_NAMED_AT_MOST]))
    norms = [norm for norm in (*report.norms(rules), report.punctual) if norm.is_met is not None]
    broken = [_broken(norm, words) for norm in norms if not norm.is_met]
    if norms:
        yield said["norms_broken"].format(norms="; ".join(broken)) if broken else said["norms_met"]
    if report.punctuality.overdue:
        yield said["overdue"].format(count=report.punctuality.overdue)
    unhappy = words.titles(Kind.RESULTS).get(_DISSATISFIED)
    for result in report.results:
        if result.title == unhappy and result.now:
            yield said["dissatisfied"].format(count=result.now)


def _often(report: MonthReport, words: ReportWords) -> str:
    said, whole = words.month.highlights, report.messages.now
    return ", ".join(
        said["topic"].format(topic=topic.title, count=topic.now, share=words.percent(topic.now / whole))
        for topic in report.topics[:_NAMED_AT_MOST]
        if topic.now
    )


def _signed(number: int) -> str:
    return f"{number:+d}".replace("-", "\u2212")


def _broken(norm: Norm, words: ReportWords) -> str:
    show = words.percent if norm.is_share else words.number
    sign = SIGNS.get(norm.sign, norm.sign)
    return words.month.highlights["norm"].format(
        figure=words.month.figures[norm.key], value=show(norm.now or 0.0), norm=f"{sign} {show(norm.norm)}"
    )
