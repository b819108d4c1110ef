"""What is doubtful, denied, corrected or missing in a number, and where it was said."""

from __future__ import annotations

import pytest

from ivr.dialogue.draft import understand_reply
from ivr.domain.contact import PhoneNumber
from ivr.domain.turn import HeardWord, Reply
from ivr.language.understanding import Understanding

ANNA = "девятьсот ноль ноль ноль двенадцать тридцать четыре"
NUMBER = "+79000001234"


def _numbers(understand: Understanding, text: str, *alternatives: str) -> list[str]:
    return [phone.value.e164 for phone in understand(text, alternatives=alternatives).phones]


def test_a_number_says_where_it_was_said(understand: Understanding) -> None:
    text = f"нет воды мой телефон восемь {ANNA} спасибо"
    (phone,) = understand(text).phones
    assert " ".join(text.split()[phone.span.start : phone.span.end]) == f"восемь {ANNA}"


def test_only_doubt_about_its_own_words_lowers_a_numbers_confidence(understand: Understanding) -> None:
    text = f"воды нет телефон восемь {ANNA}".split()
    sure = [HeardWord(word, at, at + 1.0, 0.98) for at, word in enumerate(text)]
    elsewhere = [HeardWord("воды", 0.0, 1.0, 0.1), *sure[1:]]
    inside = [*sure[:-1], HeardWord(text[-1], 11.0, 12.0, 0.2)]
    doubts = [understand(" ".join(text), words=words).phones[0].confidence for words in (sure, elsewhere, inside)]
    assert doubts[0] == doubts[1] > doubts[2]
    assert doubts[2] == pytest.approx(doubts[0] * (0.5 + 0.1) / (0.5 + 0.49), abs=0.01)


class TestOtherReadings:
    """The recogniser's alternatives of the same sound."""

    def test_they_give_the_number_that_the_best_reading_lacks(self, understand: Understanding) -> None:
        lost = "телефон восемь девятьсот ноль ноль ноль двенадцать три"
        facts = understand(lost, alternatives=[f"телефон восемь {ANNA}", "телефон восемь девять"])
        assert [phone.value.e164 for phone in facts.phones] == [NUMBER]
        assert facts.phones[0].confidence <= 0.5
        assert facts.incomplete_phone is None

    def test_readings_that_disagree_give_none(self, understand: Understanding) -> None:
        lost = "телефон восемь девятьсот ноль ноль"
        other = ANNA.replace("тридцать", "сорок")
        facts = understand(lost, alternatives=[f"восемь {ANNA}", f"восемь {other}"])
        assert facts.phones == ()
        assert facts.incomplete_phone is not None

    def test_another_number_in_them_makes_the_best_doubtful(self, understand: Understanding) -> None:
        text, other = f"телефон восемь {ANNA}", ANNA.replace("тридцать", "двадцать")
        alone, agreed = understand(text), understand(text, alternatives=[f"звоните восемь {ANNA}"])
        doubted = understand(text, alternatives=[f"телефон восемь {other}"])
        assert alone.phones == agreed.phones
        assert [phone.value for phone in doubted.phones] == [phone.value for phone in alone.phones]
        assert doubted.phones[0].confidence < alone.phones[0].confidence

    def test_a_reply_carries_them(self, understand: Understanding) -> None:
        reply = Reply("телефон восемь девятьсот", alternatives=(f"телефон восемь {ANNA}",))
        assert [phone.value.e164 for phone in understand_reply(understand, reply).phones] == [NUMBER]


@pytest.mark.parametrize(
    ("text", "digits"),
    [("мой телефон девять ноль ноль и не помню", "900"), ("номер восемь девятьсот двенадцать", "8912")],
)
def test_what_is_heard_of_a_number_is_kept_for_the_operator(understand: Understanding, text: str, digits: str) -> None:
    facts = understand(text)
    assert facts.phones == ()
    assert (facts.incomplete_phone.value if facts.incomplete_phone else "") == (digits if len(digits) > 3 else "")


@pytest.mark.parametrize(
    "said",
    [
        f"сначала восемь девятьсот один ой нет {ANNA}",
        f"восемь {ANNA.replace('четыре', 'пять')} точнее на конце тридцать четыре",
        f"восемь {ANNA.replace('двенадцать', 'тринадцать')} не тринадцать а двенадцать",
        "девятьсот ноль не ноль а один ой нет " + ANNA,
        f"{ANNA} повторяю {ANNA}",
    ],
)
def test_a_correction_is_taken(understand: Understanding, said: str) -> None:
    assert _numbers(understand, said) == [NUMBER]


@pytest.mark.parametrize(
    "said",
    [
        f"горячая линия восемь {ANNA} не отвечает",
        f"лицевой счёт восемь {ANNA}",
        f"мне звонят с номера восемь {ANNA} какие то мошенники",
        f"восемь {ANNA} это не телефон а номер договора",
        "задолженность девятьсот двенадцать тысяч триста сорок пять рублей",
        "перезвоните на номер с которого звоню",
    ],
)
def test_what_is_not_a_number_to_call_is_left_out(understand: Understanding, said: str) -> None:
    assert _numbers(understand, said) == []


def test_the_callers_own_number_serves_when_he_says_so(understand: Understanding) -> None:
    assert understand("перезвоните на этот же номер").wants_caller_id
    assert not understand(f"перезвоните на {ANNA}").wants_caller_id


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("нет на конце сорок три", "+79000001243"),
        ("неверно последние две цифры пятьдесят один", "+79000001251"),
        ("нет восемь девятьсот ноль ноль ноль пятнадцать шестнадцать", "+79000001516"),
        ("да всё верно", None),
    ],
)
def test_the_answer_to_the_number_read_back(understand: Understanding, said: str, meant: str | None) -> None:
    corrected = understand.correction(said, PhoneNumber(NUMBER))
    assert (corrected.e164 if corrected else None) == meant


@pytest.mark.parametrize(
    ("said", "agreed"), [("да", True), ("ага правильно", True), ("нет", False), ("не так", False), ("вода", None)]
)
def test_yes_and_no(understand: Understanding, said: str, agreed: bool | None) -> None:
    assert understand.yes_or_no(said) is agreed
