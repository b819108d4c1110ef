"""Times, spans and numbers as people read them; the words are in `config/console/spoken.ru.toml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.domain.report import Period
from ivr.ports.access import Words

_HIDDEN = "\u00b7\u00b7\u00b7"
_NARROW = "\u00a0"


@dataclass(frozen=True, slots=True)
class Spoken:
    """The filters of the templates."""

    words: Words
    zone: ZoneInfo

    def local(self, moment: datetime) -> datetime:
        """In the town's time."""
        return moment.astimezone(self.zone)

    def day(self, moment: datetime) -> str:
        """«пн 23 нояб.»."""
        return self.date(self.local(moment).date())

    def date(self, day: date) -> str:
        """The same of a date."""
        return self.words(
            "console.spoken.day", weekday=self.words(f"console.spoken.weekday_{day.isoweekday()}"), day=day.day,
            month=self.words(f"console.spoken.month_{day.month}"),
        )  # fmt: skip

    def moment(self, moment: datetime, now: datetime | None = None) -> str:
        """«пн 23 нояб., 12:00»; of today only the time."""
        at = self.local(moment)
        if now is not None and at.date() == self.local(now).date():
            return f"{at:%H:%M}"
        return self.words("console.spoken.moment", day=self.day(moment), time=f"{at:%H:%M}")

    def time(self, moment: datetime) -> str:
        """«12:00»."""
        return f"{self.local(moment):%H:%M}"

    def iso(self, moment: datetime) -> str:
        """For the attribute `datetime`."""
        return self.local(moment).isoformat(timespec="seconds")

    def field(self, moment: datetime | None) -> str:
        """For an input of the type datetime-local."""
        return f"{self.local(moment):%Y-%m-%dT%H:%M}" if moment else ""

    def short_date(self, moment: datetime) -> str:
        """«23.11.2026»."""
        return f"{self.local(moment):%d.%m.%Y}"

    def edition(self, edition: str) -> str:
        """An edition of the regulation by its date: «24.12.2024»; what is no date as it is."""
        try:
            return f"{date.fromisoformat(edition):%d.%m.%Y}"
        except ValueError:
            return edition

    def day_field(self, moment: datetime | None) -> str:
        """For an input of the type date."""
        return self.local(moment).date().isoformat() if moment else ""

    def period(self, period: Period) -> str:
        """«16.11 – 22.11.2026», «ноябрь 2026»."""
        first, last = period.first, period.last
        if period == Period.month_of(first):
            return self.words("console.spoken.month_year", month=self.words(f"console.spoken.of_{first.month}"),
                              year=first.year)  # fmt: skip
        if first == last:
            return f"{first:%d.%m.%Y}"
        return f"{first:%d.%m}{'' if first.year == last.year else f'.{first.year}'}{_NARROW}– {last:%d.%m.%Y}"

    def size(self, length: int) -> str:
        """«1,2 МБ»."""
        key, number = ("megabytes", length / 1e6) if length >= 1e6 else ("kilobytes", max(length / 1e3, 1))
        return self.words(f"console.spoken.{key}", number=f"{number:.1f}".replace(".", ",").removesuffix(",0"))

    def span(self, length: timedelta) -> str:
        """«1 ч 20 мин»; whole minutes, days when it is long."""
        minutes = int(abs(length.total_seconds()) // 60)
        days, rest = divmod(minutes, 24 * 60)
        hours, minutes = divmod(rest, 60)
        if days:
            return self.words("console.spoken.days", days=days, hours=hours)
        return self.words("console.spoken.hours" if hours else "console.spoken.minutes", hours=hours, minutes=minutes)

    def seconds(self, seconds: float) -> str:
        """«0:48»."""
        whole = int(seconds)
        return f"{whole // 60}:{whole % 60:02}"

    def value(self, value: object) -> str:
        """A value of the settings."""
        if isinstance(value, bool):
            return self.words("console.spoken.yes" if value else "console.spoken.no")
        if isinstance(value, dict):
            return ", ".join(f"{key}: {self.value(each)}" for key, each in value.items())
        if isinstance(value, list | tuple):
            return ", ".join(map(self.value, value)) or self.words("console.spoken.nothing")
        return self.words("console.spoken.closed") if value == "closed" else str(value)

    def percent(self, share: float) -> str:
        """«98 %»."""
        return f"{share * 100:.0f}{_NARROW}%"

    def number(self, number: float) -> str:
        """«3,5»; whole ones without the comma."""
        return f"{number:.1f}".removesuffix(".0").replace(".", ",")

    def phone(self, number: str) -> str:
        """«+7 900 000-00-00»; what is no Russian number as it came."""
        found = re.fullmatch(r"\+7(\d{3})(\d{3})(\d{2})(\d{2})", number)
        return "+7{0}{1}{0}{2}-{3}-{4}".format(_NARROW, *found.groups()) if found else number

    def short_phone(self, number: str) -> str:
        """«+7 900 ···00 00», for lists."""
        found = re.fullmatch(r"(\+7)(\d{3})\d{3}(\d{2})(\d{2})", number)
        if found:
            return "{1}{0}{2}{0}{5}{3}{0}{4}".format(_NARROW, *found.groups(), _HIDDEN)
        return f"{_HIDDEN}{number[-4:]}" if len(number) > 4 else number
