"""Facts of a message beside its number: grounds, places, the gist, flags that are hints."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ivr.language.facts import Certain, Facts
from ivr.language.understanding import Understanding

MESSAGE = (
    "здравствуйте меня зовут иванова мария петровна посёлок тёплое улица садовая дом пять квартира двенадцать "
    "батареи холодные третий день мой телефон восемь девятьсот ноль ноль ноль двенадцать тридцать четыре спасибо"
)


@pytest.fixture(scope="module")
def facts(understand: Understanding) -> Facts:
    """Of the message above."""
    return understand(MESSAGE)


def _said(fact: Certain[object]) -> str:
    return " ".join(MESSAGE.split()[fact.span.start : fact.span.end])


def test_every_fact_says_where_it_was_said(facts: Facts) -> None:
    assert facts.name is not None
    assert facts.address is not None
    assert _said(facts.name) == "иванова мария петровна"
    assert _said(facts.address) == "посёлок тёплое улица садовая дом пять квартира двенадцать"
    assert _said(facts.topics[0]).startswith("батареи холодные")


def test_every_fact_says_why(facts: Facts) -> None:
    assert facts.name is not None
    assert facts.topics[0].why == ("батареи", "холодные")
    assert facts.name.why == ("иванова", "мария", "петровна")
    assert all(fact.why for fact in (*facts.phones, *facts.topics[:1]))


def test_the_gist_is_the_matter_without_greeting_name_and_number(facts: Facts) -> None:
    assert facts.gist == "Посёлок тёплое улица садовая дом 5 квартира 12 батареи холодные третий день."


@pytest.mark.parametrize(
    ("text", "gist"),
    [
        ("", ""),
        ("здравствуйте спасибо до свидания", ""),
        ("ну это самое в общем у нас нет воды", "У нас нет воды."),
        ("добрый день я по поводу снега на улице мира дом двадцать два", "По поводу снега на улице мира дом 22."),
        ("квитанция на три тысячи двести рублей", "Квитанция на 3 тысячи 200 рублей."),
    ],
)
def test_gists(understand: Understanding, text: str, gist: str) -> None:
    assert understand(text).gist == gist


def test_a_long_gist_is_cut_at_a_word(understand: Understanding) -> None:
    gist = understand("снег не чистят " * 100).gist
    assert len(gist) <= 601
    assert gist.endswith("…")


def test_a_streets_name_is_no_matter(understand: Understanding, titles: Mapping[str, str]) -> None:
    topics = understand("на улице школьной дом пять нет воды в кране").topics
    assert titles[topics[0].value] == "Холодное водоснабжение"
    assert all(titles[topic.value] != "Образование" for topic in topics)


def test_nothing_sure_is_another_question(understand: Understanding, titles: Mapping[str, str]) -> None:
    topics = understand("я хотела бы с вами поделиться своими мыслями о жизни").topics
    assert titles[topics[0].value] == "Прочие вопросы"
    assert topics[0].confidence < 0.3


def test_flags_drop_nothing(understand: Understanding) -> None:
    facts = understand("идиоты вы там все воды нет неделю телефон восемь девятьсот ноль ноль ноль один два три четыре")
    assert [flag.value for flag in facts.flags] == ["abuse"]
    assert facts.phones
    assert facts.topics[0].value == "cold_water"


@pytest.mark.parametrize("text", ["дом горит помогите", "пахнет газом в подъезде", "человек без сознания"])
def test_words_of_an_emergency_are_seen(understand: Understanding, text: str) -> None:
    assert "emergency" in [flag.value for flag in understand(text).flags]


def test_a_refusal_to_give_ones_name_is_heard(understand: Understanding) -> None:
    facts = understand("имя называть не буду просто почините дорогу")
    assert facts.refused_name
    assert facts.name is None


@pytest.mark.parametrize(
    "text",
    [
        "участковый петров не реагирует",
        "соседка зайцева зоя ивановна шумит",
        "роман игоревич помогите с дорогой",
        "улица чехова дом три",
        "директор школы пучков сергей викторович денег собирает",
    ],
)
def test_somebody_elses_name_is_never_the_callers(understand: Understanding, text: str) -> None:
    assert understand(text).name is None
