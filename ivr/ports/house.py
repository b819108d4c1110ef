"""What the house is told of itself: settings that people change in the console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class HouseBook(Protocol):
    """Settings changed by people, over those of the installer's files; every version is kept."""

    def settings(self) -> Mapping[str, Mapping[str, object]]:
        """What holds now, by table: "municipality", "phone", "desk"."""

    def week(self) -> Mapping[str, str]:
        """Hours of each weekday ("monday": "09:00-18:00", "closed")."""

    def change(self, **tables: Mapping[str, object]) -> None:
        """Change values of tables.

        Raises:
            SettingsError: the product could not work with them; nothing is changed.
        """

    def change_week(self, week: Mapping[str, str]) -> None:
        """Change the hours.

        Raises:
            SettingsError: they are no hours; nothing is changed.
        """
