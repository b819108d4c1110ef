"""What a password must be. No rules about signs: length, and unlike what everybody uses (OWASP ASVS 5, 6.2)."""

from __future__ import annotations

from collections.abc import Container

LEAST, MOST = 10, 128
_CONTEXT_LEAST = 4


def password_fault(password: str, common: Container[str], known: tuple[str, ...] = ()) -> str:
    """Code of what is wrong with a password, "" when it is good.

    Args:
        common: passwords that everybody uses, lower case.
        known: words that others know of the person (login, names, the place).
    """
    plain = password.casefold()
    if len(password) < LEAST:
        return "password_short"
    if len(password) > MOST:
        return "password_long"
    if len(set(plain)) < 4:
        return "password_monotonous"
    if plain in common or plain.strip("0123456789!.,-_ ") in common:
        return "password_common"
    words = {word for part in known for word in part.casefold().split() if len(word) >= _CONTEXT_LEAST}
    if any(word in plain for word in words):
        return "password_personal"
    return ""
