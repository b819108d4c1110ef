"""The first start: who will manage the house."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.domain.people import Account, Role
from ivr.ports.access import SetupKey
from ivr.services.people import People


@dataclass(slots=True)
class Setup:
    """Makes the first administrator.

    Attributes:
        municipality: whose house it is.
    """

    people: People
    key: SetupKey
    municipality: str

    async def is_needed(self) -> bool:
        """Nobody can manage the house yet."""
        return not await self.people.has_administrator()

    async def found(self, given: str, login: str, name: str, password: str, source: str, *, works: bool) -> Account:
        """Make the administrator.

        Args:
            given: the key from the server's console.
            works: he is the curator and an operator too, as in a small town.

        Raises:
            NotSignedIn: the key is wrong, or somebody was first.
            RuleBroken: login, name or password will not do.
        """
        roles = {Role.ADMINISTRATOR} | ({Role.CURATOR, Role.OPERATOR} if works else set())
        facts = {"login": login, "name": name, "roles": roles, "password": password}
        return await self.people.found_house(self.key, given, self.municipality, source, **facts)
