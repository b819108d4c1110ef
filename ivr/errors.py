"""All that can go wrong, drawn as a tree; an error's class says who must act.

IvrError
├── SettingsError       the installer mends a file or a directory
├── LineError           the telephone line
│   ├── CallerHungUp    nobody: the call is over, what was said is kept
│   ├── MediaError      sound could not be played or taken
│   └── NotReached      whoever was called did not answer
├── SpeechError         the recogniser is away; the recording stays and is transcribed later
├── JournalError        the database is away; the row goes to the spool
│   ├── RowRefused      the database will never take this row; the spool puts it aside for a person
│   └── RecordingsAway  the store of recordings does not answer; what it has and what waits for it is safe
├── PostError           the mail server did not take a letter; it is tried again
│   └── PostUncertain   the mail server may have taken it; a person decides, it is never sent again by itself
├── AccessError         somebody asks for what is not for him
│   ├── NotSignedIn     he must sign in (again)
│   ├── Forbidden       his role does not allow it
│   ├── NotKnownHere    the organisation knows him, this house does not: the administrator decides
│   ├── VoucherAway     the organisation's own sign-in does not answer; passwords of this house still open
│   └── TooManyTries    he must wait before he tries again
└── RuleBroken          the person asked for what the regulation forbids
"""

from __future__ import annotations

from collections.abc import Sequence


class IvrError(Exception):
    """Anything this product raises by its own decision."""


class SettingsError(IvrError):
    """The installer has to mend the settings: every mistake found is listed, not only the first.

    Args:
        mistakes: sentences, each naming its file and, where known, its line.
    """

    def __init__(self, mistakes: Sequence[str] | str) -> None:
        self.mistakes: tuple[str, ...] = (mistakes,) if isinstance(mistakes, str) else tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


class LineError(IvrError):
    """The telephone line did not do what was asked of it."""


class CallerHungUp(LineError):
    """The caller has left; end the script, keep what was said."""


class MediaError(LineError):
    """A prompt could not be played or the caller's sound could not be taken; look at the file it names."""


class NotReached(LineError):
    """Whoever was called did not answer.

    Args:
        code: the last SIP status (RFC 3261 §21), 0 when none came.
    """

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"not reached: SIP status {code}")


class SpeechError(IvrError):
    """The recogniser is away or broke; the recording is kept and transcribed by a later sweep."""


class JournalError(IvrError):
    """The database did not take a row; the spool has it and replays it when the database is back."""


class RowRefused(JournalError):
    """The database answers, but will never take this row; it is put aside beside the spool."""


class RecordingsAway(JournalError):
    """The store of recordings does not answer: nothing is lost, ask again later."""


class PostError(IvrError):
    """The mail server did not take the letter, for the reason it gives; the outbox tries again."""


class PostUncertain(PostError):
    """The letter was handed over and no answer came: ask the addressee, then settle it."""


class AccessError(IvrError):
    """Somebody asks for what is not for him."""


class NotSignedIn(AccessError):
    """Nobody is signed in, or the session is over: sign in."""


class Forbidden(AccessError):
    """No role of this person allows it; a person with the right role can do it."""


class NotKnownHere(AccessError):
    """The organisation knows this person, but he may not come in here; the administrator can change that.

    Args:
        why: key of the sentence for people, `console.sign_in.<why>`.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"known elsewhere, not let in here: {why}")


class VoucherAway(AccessError):
    """The organisation's own sign-in does not answer, or not as agreed; sign in by a password of this house."""


class TooManyTries(AccessError):
    """Too many failed tries: wait.

    Args:
        seconds: so long.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"wait {seconds:.0f} s before the next try")


class RuleBroken(IvrError):
    """The regulation forbids this step.

    Args:
        clause: the clause of the regulation, for example "13", or "app.2".
        reason: a sentence that says what to do instead.
        code: key of the same sentence for people, `refused.<code>` of the texts of the house; its facts by name.
    """

    def __init__(self, clause: str, reason: str, code: str = "", **facts: object) -> None:
        self.clause = clause
        self.reason = reason
        self.code = code
        self.facts = facts
        super().__init__(f"clause {clause}: {reason}")
