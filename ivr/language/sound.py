"""How a Russian word sounds, roughly: words that sound alike are written differently by a recogniser."""

from __future__ import annotations

# vowels fall together when unstressed, voiced consonants lose their voice at the end: о=а, е=и=я, г=к, д=т …
_ALIKE = str.maketrans(
    {
        "\u043e": "\u0430",
        "\u0435": "\u0438",
        "\u0451": "\u0438",
        "\u044d": "\u0438",
        "\u044b": "\u0438",
        "\u044f": "\u0438",
        "\u044e": "\u0443",
        "\u0431": "\u043f",
        "\u0432": "\u0444",
        "\u0433": "\u043a",
        "\u0434": "\u0442",
        "\u0436": "\u0448",
        "\u0437": "\u0441",
        "\u0449": "\u0448",
        "\u0439": None,
        "\u044a": None,
        "\u044c": None,
    }
)


def sound_of(word: str) -> str:
    """A key that words of the same sound share."""
    plain = word.translate(_ALIKE)
    return "".join(mark for place, mark in enumerate(plain) if not place or plain[place - 1] != mark)
