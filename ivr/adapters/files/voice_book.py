"""The assistant's voice as the console looks after it (fulfils `ports.house.VoiceBook`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ivr.adapters.files.catalog import PromptCatalog
from ivr.adapters.files.telephone_sound import telephone_sound
from ivr.domain.phrase import Fault, Phrase


class FileVoiceBook:
    """Phrases in files; people's own in the data folder.

    Args:
        catalog: the files read anew.
    """

    def __init__(self, catalog: Callable[[], PromptCatalog]) -> None:
        self._catalog = catalog

    def phrases(self) -> Sequence[Phrase]:
        """In the order of the texts file."""
        return self._catalog().phrases()

    def faults(self) -> Sequence[Fault]:
        """Looks into every file."""
        return self._catalog().check()

    def file(self, name: str, *, installed: bool = False) -> bytes:
        """The WAV file."""
        return self._catalog().file(name, installed=installed)

    def keep(self, name: str, blob: bytes, says: str) -> bytes:
        """Made ready for the telephone, silence cut off, as loud as the others."""
        return self._catalog().keep_recording(name, telephone_sound(blob), says)

    def put_back(self, name: str, content: bytes, says: str) -> None:
        """As it was kept."""
        self._catalog().put_back(name, content, says)

    def forget(self, name: str) -> None:
        """The installer's voice again."""
        self._catalog().forget_own(name)
