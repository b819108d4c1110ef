"""The regulation's numbers, each once, each with its clause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from ivr.domain.retention import LEAST_DAYS


@dataclass(frozen=True, slots=True)
class Regulation:
    """What the regulation (постановление № 515) demands in figures; read from `config/regulation.toml`.

    Attributes:
        message_seconds: time given to the caller after the beep (clause 12: 1.5 minutes).
        callback_by: hour of the next working day by which the first attempt is made (clause 13: 12:00).
        formal_clause_13: a call before opening is due on the next working day, not the same day (interpretation 2).
        repeat_attempts: further attempts after the first (clause 13: two).
        repeat_after_minutes: a further attempt may be made from this long after the one before (clause 13).
        repeat_within_minutes: and turns red after this long (clause 13).
        missed_target_minutes: the house's own target for calling back a call missed in working hours (clause 14,
            interpretation 3).
        answer_seconds: the norm for lifting the handset (clause 11).
        ring_seconds: how long operators are rung before the assistant takes the message (clause 14).
        operators_at_least: operators at their place; with fewer the assistant takes the messages (clause 9: two).
        handling_minutes: the norm for an average conversation (clause 11).
        feedback_working_days: answer to a question passed on (clause 21).
        card_within_minutes: a card stands in the journal within this long (clause 15).
        card_alert_minutes: and is reminded of after this long (interpretation 19).
        retention_days: recordings are kept at least this long (clause 6.3).
        lost_share_below: norm of lost calls, a strict sign (appendix 1: <5 %).
        availability_above: norm of accepted calls, a strict sign (appendix 1: >95 %).
        productivity_above: norm of conversations per call made, a strict sign (appendix 1: >45 %).
        machine_is_loss: a call in working hours that the assistant took counts as lost (interpretation 9).
        weekly_report_by: hour of Monday by which the weekly report has left (clause 19: 10:00).
        silence_seconds: silence after speech that ends the message (interpretation 8).
        questions_at_most: how often one missing fact is asked for (interpretation 8).
        recording_notice_first: clause 7's sentence is spoken before clause 12's (interpretation 7).
        ask_for_missing: off = "message only", one free message and thanks (interpretation 8).
        name_the_day: the promise ends with the deadline in words.
        tell_already_on_list: a caller who has been promised a call already hears so.
    """

    message_seconds: float = 90.0
    callback_by: time = time(12, 0)
    formal_clause_13: bool = False
    repeat_attempts: int = 2
    repeat_after_minutes: int = 30
    repeat_within_minutes: int = 60
    answer_seconds: float = 4.0
    operators_at_least: int = 2
    handling_minutes: float = 10.0
    feedback_working_days: int = 3
    card_within_minutes: int = 60
    card_alert_minutes: int = 45
    missed_target_minutes: int = 60
    retention_days: int = 366
    lost_share_below: float = 0.05
    availability_above: float = 0.95
    productivity_above: float = 0.45
    machine_is_loss: bool = True
    weekly_report_by: time = time(10, 0)
    silence_seconds: float = 5.0
    answer_silence_seconds: float = 1.2
    ring_seconds: float = 30.0
    answer_seconds_at_most: float = 20.0
    confirm_seconds: float = 6.0
    patience_seconds: float = 8.0
    questions_at_most: int = 2
    recording_notice_first: bool = True
    ask_for_missing: bool = True
    name_the_day: bool = True
    tell_already_on_list: bool = True

    def mistakes(self) -> list[str]:
        """What cannot be meant: numbers beyond their limits, or at odds with each other."""
        found = [
            f"{name}: {getattr(self, name)} is not from {least} to {most}"
            for name, (least, most) in LIMITS.items()
            if not least <= getattr(self, name) <= most
        ]
        if self.repeat_after_minutes > self.repeat_within_minutes:
            found.append("repeat_after_minutes is more than repeat_within_minutes")
        return found


LIMITS: Mapping[str, tuple[float, float]] = {
    "message_seconds": (1, 600), "silence_seconds": (0.2, 60), "answer_silence_seconds": (0.2, 20),
    "answer_seconds_at_most": (1, 120), "confirm_seconds": (0.5, 60), "patience_seconds": (0.5, 60),
    "questions_at_most": (0, 5), "answer_seconds": (0.5, 60), "ring_seconds": (1, 300), "operators_at_least": (0, 1000),
    "handling_minutes": (0.5, 120), "repeat_attempts": (0, 10), "repeat_after_minutes": (0, 1440),
    "repeat_within_minutes": (1, 1440), "feedback_working_days": (1, 60), "card_within_minutes": (1, 1440),
    "card_alert_minutes": (1, 1440), "missed_target_minutes": (1, 1440), "retention_days": (LEAST_DAYS, 3_660),
    "lost_share_below": (0, 1), "availability_above": (0, 1), "productivity_above": (0, 1),
}  # fmt: skip
"""The least and the most of each number that a house may set for itself."""
