"""To whom questions are passed on, and whose telephones citizens are told (clauses 20.5, 20.6)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Executor:
    """A department, an institution or an organisation.

    Attributes:
        person: («ФИО исполнителя») "" where the letter goes to the department.
        topics: keys of the topics it is proposed for.
    """

    key: str
    title: str
    person: str = ""
    phone: str = ""
    email: str = ""
    topics: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As the journal prints it."""
        return f"{self.person}, {self.title}" if self.person else self.title


@dataclass(frozen=True, slots=True)
class Directory:
    """All executors of a municipality."""

    executors: tuple[Executor, ...] = ()

    def named(self, given: str) -> str:
        """The executor's name by key; what was written by hand stays as it is."""
        return next((executor.name for executor in self.executors if executor.key == given.strip()), given)

    def proposed(self, topic: str | None) -> tuple[Executor, ...]:
        """Those who answer for a topic."""
        return tuple(executor for executor in self.executors if topic in executor.topics)
