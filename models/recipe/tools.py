"""What the recipe needs beside its Python packages, and how to get it."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

from recipe.voices import FREE_RHVOICE, PROMPTS, UNSEEN_RHVOICE

_PROGRAMS = {
    "fstcompile": "libfst-tools",
    "espeak-ng": "espeak-ng",
    "RHVoice-test": "rhvoice rhvoice-russian",
    "sox": "sox",
    "text2wave": "festival festvox-ru",
}
_MODULES = {"torch": "torch", "kaldi_native_fbank": "kaldi-native-fbank", "scipy": "scipy"}
_VOICES = Path("/usr/share/RHVoice/voices")  # RHVoice reads on with another voice when one is missing
_NON_FREE = """\
rhvoice and rhvoice-russian are in the section non-free of Debian (for the licence of some of its voices, which the
recipe does not train on). To let apt see it, write /etc/apt/sources.list.d/non-free.sources:
    Types: deb
    URIs: http://deb.debian.org/debian
    Suites: bookworm
    Components: contrib non-free
    Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
and run: apt-get update"""


def missing() -> list[str]:
    """What must be installed first, a line each; nothing when all is there."""
    packages = [package for program, package in _PROGRAMS.items() if shutil.which(program) is None]
    found = [f"apt-get install {' '.join(packages)}"] if packages else []
    if any("rhvoice" in package for package in packages):
        found.append(_NON_FREE)
    elif voices := [voice for voice in FREE_RHVOICE + UNSEEN_RHVOICE if not (_VOICES / voice).is_dir()]:
        found.append(f"apt-get install rhvoice-russian   (these voices are missing: {', '.join(voices)})")
    if not PROMPTS.is_dir():
        found.append("apt-get install asterisk-core-sounds-ru asterisk-core-sounds-ru-wav")
    if any(find_spec(module) is None for module in _MODULES):
        found.append("pip install '.[model]'   (torch: the build for processors is enough)")
    return found
