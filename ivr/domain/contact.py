"""How a citizen can be reached, and where his trouble is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A telephone number in E.164, for example "+79000000000". Printed masked, so that logs never hold it."""

    e164: str

    def __repr__(self) -> str:
        return f"PhoneNumber('{self.e164[:2]}\u2022\u2022\u2022{self.e164[-4:]}')"


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name in the nominative; what was not said is None."""

    surname: str | None = None
    name: str | None = None
    patronymic: str | None = None

    @property
    def full(self) -> str:
        """Surname, name, patronymic, as the journal prints them."""
        return " ".join(part for part in (self.surname, self.name, self.patronymic) if part)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the trouble is; what was not said is None."""

    locality: str | None = None
    street: str | None = None
    house: str | None = None
    flat: str | None = None

    @property
    def full(self) -> str:
        """All that was said, from the large to the small."""
        return ", ".join(part for part in (self.locality, self.street, self.house, self.flat) if part)
