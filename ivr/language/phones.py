"""The numbers to call, out of a spoken text: whole ones only; a guessed callback number is worse than none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import phonenumbers

from ivr.domain.contact import PhoneNumber
from ivr.language.facts import Certain, Span
from ivr.language.lexicon import Lexicon, NumberPlan
from ivr.language.numerals import groups as groups_of
from ivr.language.phone_ownership import Ownership
from ivr.language.phone_runs import Run, find_runs

_WHOLE, _NATIONAL, _REGIONAL, _LOCAL = 11, 10, 6, 5
_TOLL_FREE = "800"
_MOBILE = "9"
_MOST_JUNK = 3
_LONGEST_TAIL = 7
_LEAST_INCOMPLETE = 4
_SURE, _LOCAL_SURE, _MENDED_SURE = 0.97, 0.8, 0.85

Groups = tuple[str, ...]


def complete(digits: str, plan: NumberPlan, *, local: bool = True, city_code: str = "") -> PhoneNumber | None:
    """The number in E.164 when it is a valid Russian one (interpretation 6).

    Args:
        digits: as said.
        plan: how the municipality's local numbers are completed.
        local: numbers without an area code count.
        city_code: put before six digits instead of the region's, for the town that the caller named.
    """
    if len(digits) == _WHOLE and digits[0] in "78":
        national = digits[1:]
    elif len(digits) == _NATIONAL and digits[0] in "94":
        national = digits
    elif local and len(digits) == _REGIONAL and city_code:
        national = city_code + digits
    elif local and len(digits) == _REGIONAL and digits.startswith(plan.regional_prefix):
        national = plan.regional_code + digits
    elif local and len(digits) == _LOCAL and digits[0] != "0":
        national = plan.local_code + digits
    else:
        return None
    if national.startswith(_TOLL_FREE):
        return None
    if not national.startswith(_MOBILE):  # new mobile ranges are opened faster than the library's tables follow
        number = phonenumbers.PhoneNumber(country_code=7, national_number=int(national))
        if not phonenumbers.is_valid_number(number):
            return None
    return PhoneNumber("+7" + national)


@dataclass(frozen=True, slots=True)
class _Found:
    phone: PhoneNumber
    start: int
    end: int
    why: Groups
    sure: float = _SURE
    foreign: bool = False


def find_phones(
    words: Sequence[str], lexicon: Lexicon, *, asked: bool = False
) -> tuple[list[Certain[PhoneNumber]], Certain[str] | None]:
    """Numbers to call, in spoken order, and the digits that make no whole number.

    Args:
        words: of `text.split`.
        lexicon: the words around numbers.
        asked: the text answers the question for a number, so that a short one needs no other hint.
    """
    search = _Search(words, lexicon, asked)
    for run in find_runs(words, lexicon):
        search.hear(run)
    return search.phones(), search.incomplete()


class _Search:
    """Takes the runs of numerals in their order, as a patient listener would."""

    def __init__(self, words: Sequence[str], lexicon: Lexicon, asked: bool) -> None:
        self._lexicon = lexicon
        self._words = words
        self._owner = Ownership(words, lexicon, asked=asked)
        self._found: list[_Found] = []
        self._open: list[Run] = []
        self._last: Run | None = None
        self._denied: Run | None = None

    def hear(self, run: Run) -> None:
        """Take in the next run."""
        if run.denied:
            self._denied = run
            return
        if self._denied and run.instead and (self._put_instead(run, self._denied) or self._mended_open(run)):
            self._denied = None
            return
        whole = self._whole(run)
        if whole:
            if run.corrects and self._found:
                self._found.pop()
            self._open = []
            self._found += whole
        elif not self._joined_to_last(run):
            self._open = [run]
        self._last = run

    def _joined_to_last(self, run: Run) -> bool:
        """The run mends or continues what was said before it."""
        if run.corrects and (self._mended_open(run) or self._reopened(run)):
            return True
        return self._continued(run) or ((run.corrects or run.ending) and self._replace_tail(run))

    def phones(self) -> list[Certain[PhoneNumber]]:
        """The numbers without repeats and without those of others."""
        best: dict[PhoneNumber, _Found] = {}
        for found in self._found:
            if not found.foreign and found.phone not in best:
                best[found.phone] = found
        return [Certain(one.phone, one.sure, Span(one.start, one.end), one.why) for one in best.values()]

    def incomplete(self) -> Certain[str] | None:
        """Digits for the operator when no whole number was said."""
        if any(not found.foreign for found in self._found) or not self._open:
            return None
        digits = "".join(_digits(run) for run in self._open)
        first, last = self._open[0], self._open[-1]
        meant = self._owner.hinted(first) or (len(self._open) == 1 and digits[:2] in {"89", "79"}) or digits[:1] == "9"
        if len(digits) < _LEAST_INCOMPLETE or not meant or self._owner.is_other(first):
            return None
        return Certain(digits, 0.2, Span(first.start, last.end), tuple(digits))

    # -- one run -------------------------------------------------------------------------------------------------

    def _whole(self, run: Run) -> list[_Found]:
        """The numbers that the run consists of: one, several, or one beside a house number or an hour."""
        local = self._owner.allows_local(run)
        readings = list(groups_of(run.numerals))
        for read in (self._as_one, self._as_several, self._restarted, self._beside_junk, self._stuttered):
            for said in readings:
                phones = read(said, run, local)
                if phones:
                    foreign = self._owner.is_foreign(run)
                    sure = _sure(said, phones) if read == self._as_one else _MENDED_SURE
                    return [_Found(phone, run.start, run.end, said, sure, foreign) for phone in phones]
        return []

    def _as_one(self, said: Groups, run: Run, local: bool) -> list[PhoneNumber]:
        digits = "".join(said)
        code_alone = digits == self._lexicon.number_plan.local_code
        if code_alone or self._owner.is_other(run, whole=len(digits) >= _NATIONAL):
            return []
        phone = self._complete(digits, local=local and not _begins_mobile(said))
        return [phone] if phone else []

    def _as_several(self, said: Groups, run: Run, local: bool) -> list[PhoneNumber]:
        """Two or more whole numbers without a word between them."""
        tiled: dict[int, list[PhoneNumber]] = {0: []}
        for start in range(len(said)):
            for end in range(start + 1, len(said) + 1) if start in tiled else ():
                phone = self._complete("".join(said[start:end]))
                if phone and end not in tiled:
                    tiled[end] = [*tiled[start], phone]
        return tiled.get(len(said), []) if not self._owner.is_other(run, whole=True) else []

    def _restarted(self, said: Groups, run: Run, local: bool) -> list[PhoneNumber]:
        """The caller began, and began anew without a word."""
        for start in range(1, len(said)):
            digits = "".join(said[start:])
            phone = self._complete(digits, local=local and said[:start] == said[start:])  # a short one whole twice
            if phone and len(said[:start]) > 1 and digits.startswith("".join(said[:start])):
                return [phone]
        return []

    def _beside_junk(self, said: Groups, run: Run, local: bool) -> list[PhoneNumber]:
        """A house number or an hour was said just before the number, or a measure after it."""
        for junk in range(1, min(_MOST_JUNK, len(said) - 1) + 1):
            rest = "".join(said[junk:])
            # «Sadovaya forty two, eight nine …»: nothing but a number begins so after another word
            plain = len(rest) == _WHOLE and rest[:2] in {"89", "79"} and run.start > 0 and said[0][0] not in "789"
            if plain or self._owner.may_start_with_junk(run):
                phone = self._complete(rest)
                if phone:
                    return [phone]
            if self._owner.may_end_with_junk(run):
                phone = self._complete("".join(said[:-junk]))
                if phone:
                    return [phone]
        return []

    def _stuttered(self, said: Groups, run: Run, local: bool) -> list[PhoneNumber]:
        """A group was said twice: "one hundred two, one hundred two, forty five"."""
        for size in range(1, len(said) // 2 + 1):
            for start in range(len(said) - 2 * size + 1):
                again = said[start : start + size]
                if again != said[start + size : start + 2 * size]:
                    continue
                if len("".join(again)) > 1 or start == 0:  # elsewhere a digit said twice is two digits
                    phone = self._complete("".join(said[:start] + said[start + size :]))
                    if phone:
                        return [phone]
        return []

    def _complete(self, digits: str, *, local: bool = False) -> PhoneNumber | None:
        return complete(digits, self._lexicon.number_plan, local=local, city_code=self._owner.city_code)

    # -- several runs --------------------------------------------------------------------------------------------

    def _continued(self, run: Run) -> bool:
        """The run goes on with a number that was not complete."""
        if not self._open or not run.may_continue:
            return False
        together = [*self._open, run]
        for said in _together(together):
            phone = self._complete("".join(said), local=self._owner.allows_local(run) and not _begins_mobile(said))
            if phone:
                foreign = self._owner.is_foreign(self._open[0])
                self._found.append(_Found(phone, self._open[0].start, run.end, said, _MENDED_SURE, foreign))
                self._open = []
                return True
        if len("".join(next(_together(together), ()))) < _NATIONAL:
            self._open = together
            return True
        return False

    def _mended_open(self, run: Run) -> bool:
        """Within the number the caller said a group wrong and goes on from the right one."""
        if not self._open:
            return False
        tail = _digits(run)
        for said in _together(self._open):
            for kept in range(len(said), 0, -1):
                phone = self._complete("".join(said[:kept]) + tail)
                if phone:
                    self._found.append(_Found(phone, self._open[0].start, run.end, (*said[:kept], tail), _MENDED_SURE))
                    self._open = []
                    return True
        return False

    def _replace_tail(self, run: Run) -> bool:
        """The last digits of the number are these instead."""
        tail = _digits(run)
        if not self._found or len(tail) > _LONGEST_TAIL or self._owner.may_end_with_junk(run):
            return False
        return self._change(self._found[-1].phone.e164[: -len(tail)] + tail, run.end)

    def _reopened(self, run: Run) -> bool:
        """What was taken for a local number was the beginning of a longer one: «91750, oh no, 5136842»."""
        last = self._found[-1] if self._found else None
        if last is None or self._last is None or last.start != self._last.start or len("".join(last.why)) >= _NATIONAL:
            return False
        self._open = [self._last]
        mended = self._mended_open(run)
        if mended:
            self._found.remove(last)
        else:
            self._open = []
        return mended

    def _put_instead(self, run: Run, denied: Run) -> bool:
        """«Not twelve but thirteen»: these numerals instead of those, and the number goes on or stays as it was."""
        base = self._last.numerals if self._last else ()
        wrong = [numeral.digits for numeral in denied.numerals]
        for place in range(len(base) - len(wrong), -1, -1):
            if [numeral.digits for numeral in base[place : place + len(wrong)]] != wrong:
                continue
            for rest in ((), base[place + len(wrong) :]):
                whole = self._whole(Run((*base[:place], *run.numerals, *rest)))
                if whole:
                    self._found = [found for found in self._found if found.start != base[0].start] + whole
                    self._open = []
                    return True
        return self._replace_inside(_digits(denied), _digits(run))

    def _replace_inside(self, wrong: str, new: str) -> bool:
        """The last such group of the number."""
        if not self._found or len(new) != len(wrong):
            return False
        before, found, after = self._found[-1].phone.e164.rpartition(wrong)
        return bool(found) and self._change(before + new + after, self._found[-1].end)

    def _change(self, e164: str, end: int) -> bool:
        phone = self._complete(e164[1:])
        if phone:
            self._found[-1] = replace(self._found[-1], phone=phone, sure=_MENDED_SURE, end=end)
        return phone is not None


def _begins_mobile(said: Groups) -> bool:
    """«Восемь девятьсот ноль», «девятьсот десять пять один»: a mobile number broken off, not a local one."""
    return "".join(said[:2])[:2] in {"89", "79"} or (len(said[0]) == 3 and said[0].startswith(_MOBILE))


def _together(runs: Sequence[Run]) -> Iterator[Groups]:
    for parts in product(*(list(groups_of(run.numerals))[:2] for run in runs[:8])):
        yield tuple(group for part in parts for group in part)


def _digits(run: Run) -> str:
    return "".join(next(groups_of(run.numerals), ()))


def _sure(said: Groups, phones: Sequence[PhoneNumber]) -> float:
    return _SURE if len("".join(said)) >= _NATIONAL and phones else _LOCAL_SURE
