"""Words that the recogniser is taught: by whom, which, how far it is, what becomes of it."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

import pytest

from ivr.adapters.files.settings import read_settings
from ivr.adapters.speech.model import check_model
from tests.console_house import House, make_house
from tests.samples import SetClock
from tests.web.conftest import NOON, Browser, SignIn

needs_openfst = pytest.mark.skipif(
    shutil.which("fstcompile") is None, reason="the OpenFst tools are not installed: apt-get install libfst-tools"
)


def learnt(client: Browser, text: str, kind: str = "words") -> str:
    """Teach words and wait for the end; what the page says then."""
    path = client.act("/settings/words", text=text, kind=kind).headers["HX-Redirect"]
    assert re.fullmatch(r"/settings/words/[0-9a-f]{16}", path)
    for _ in range(600):
        page = client.get(path, headers={"HX-Request": "true"}).text
        if "hx-get" not in page:
            return page
        time.sleep(0.1)
    raise AssertionError(page)


def in_use(house: House) -> Path:
    """The model that a process would load now."""
    return read_settings(house.folder / "ivr.toml").model


@needs_openfst
def test_words_are_taught_one_after_another_and_undone_by_the_settings_history(house: House, enter: SignIn) -> None:
    vera, bundled = enter("vlasova"), in_use(house)
    assert "Своих слов ещё нет" in vera.get("/settings/words").text
    page = learnt(vera, "Подлужкино, Подлужкино", "places")
    assert "подлужкине" in page and "перезапускается" in page
    first = in_use(house)
    assert first.name == f"{bundled.name}+1" and check_model(first).takes_phrases
    assert "перезапускается" in learnt(enter("chief"), "Щеголихин", "surnames")
    second = in_use(house)
    words = {line.split()[0] for line in (second / "graph/words.txt").read_text("utf-8").splitlines()}
    assert second.name == f"{bundled.name}+2" and {"подлужкино", "щеголихина"} <= words
    page = vera.get("/settings/words").text
    assert "подлужкино" in page and "щеголихин" in page and second.name in page
    assert "уже знал" in learnt(vera, "подлужкино", "places")
    assert in_use(house) == second
    moved = house.folder.with_name("moved")
    shutil.copytree(house.folder / "models", moved / "models")
    assert read_settings(house.folder / "ivr.toml").with_changes(storage={"data": moved}).model.parent.parent == moved
    chief = enter("chief")
    assert "Модель распознавания" in chief.get("/settings/history").text
    chief.act("/settings/history/1/restore")
    assert in_use(house) == first and "щеголихин" not in vera.get("/settings/words").text
    shutil.rmtree(second)
    assert chief.act("/settings/history/2/restore").status_code == 409
    assert in_use(house) == first
    log = [(row.who, row.facts["words"]) for row in house.console.access.log.book.walk() if "words" in row.facts]
    assert log == [("vlasova", "1"), ("chief", "1"), ("vlasova", "1")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("дом7", "Слово «дом7» нельзя произнести по буквам модели: в ней нет «7»"),
        (" , ", "Напишите слово"),
        ("word", "«d o r w»"),
    ],
)
def test_a_word_that_cannot_be_spelled_is_named(house: House, enter: SignIn, text: str, told: str) -> None:
    before = in_use(house)
    answer = enter("vlasova").act("/settings/words", text=text, kind="words")
    assert answer.status_code == 409 and told in answer.text and f">{text}</textarea>" in answer.text
    assert in_use(house) == before


@pytest.mark.parametrize("which", ["fixed", "elsewhere"])
def test_a_model_that_takes_no_words_says_so(tmp_path: Path, which: str) -> None:
    model = tmp_path / "standard"
    model.mkdir()
    line = f'model = "{model}"' if which == "fixed" else 'url = "ws://127.0.0.1:1"'
    house = make_house(tmp_path / "house", clock=SetClock(NOON), now=NOON, seeded=False, more=f"[speech]\n{line}\n")
    with Browser(house.console.app, follow_redirects=False) as client:
        client.sign_in("vlasova")
        page = client.get("/settings/words").text
        assert ("Модель «standard» не пополняется" if which == "fixed" else "Распознаёт другой сервер") in page
        assert "<textarea" not in page
        assert client.act("/settings/words", text="вода", kind="words").status_code == 409
    house.console.dispose()


def test_only_those_who_teach_may(enter: SignIn) -> None:
    for login in ("petrova", "auditor"):
        client = enter(login)
        assert client.get("/settings/words").status_code == 403
        assert client.act("/settings/words", text="вода", kind="words").status_code == 403
    vera, chief = enter("vlasova"), enter("chief")
    assert vera.get("/settings/words?word=Подлужкино").text.count(">Подлужкино</textarea>") == 1
    assert 'href="/settings/words"' in chief.get("/settings/topics").text
    assert chief.get("/settings/words/0123456789abcdef").status_code == 404
