"""Words of topics in the console: changed, tried before they hold, refused with their line, undone (appendix 2)."""

from __future__ import annotations

import asyncio
import re

import pytest

from ivr.adapters.files.lexicons import read_lexicon
from ivr.bootstrap.files import words_of
from ivr.domain.people import Role
from ivr.errors import RuleBroken
from ivr.language.understanding import Understanding
from tests.access_samples import an_actor
from tests.console_house import House
from tests.web.conftest import Browser, SignIn


def _lists(page: str) -> dict[str, str]:
    """What stands in the fields of a topic's page."""
    found = re.findall(r'<textarea name="(\w+)"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    return {name: text.replace("&#34;", '"') for name, text in found}


def _keep(client: Browser, topic: str, **lists: str):  # type: ignore[no-untyped-def]
    return client.post(f"/settings/topics/{topic}", data={"csrf": client.csrf, **lists})


def _topic(house: House, phrase: str) -> str:
    return Understanding(read_lexicon(words_of(house.console.callbacks.settings)))(phrase).topics[0].value


def test_a_new_word_is_recognised_from_the_next_message_on_and_taken_back(house: House, enter: SignIn) -> None:
    curator = enter("vlasova")
    lists = _lists(curator.get("/settings/topics/snow").text)
    assert _topic(house, "у нас заструга") != "snow"
    lists["certain"] += ", заструга"
    answer = _keep(curator, "snow", **lists)
    assert answer.headers["location"] == "/settings/topics/snow?said=kept"
    assert _topic(house, "у нас заструга") == "snow"
    assert _topic(house, "собаки бегают стаей") == "stray_animals"
    assert "заструга" in curator.get("/settings/topics/snow").text
    page = curator.get("/settings/topics").text
    assert "Власова В. И." in page
    assert _keep(curator, "snow", **lists).headers["location"].endswith("said=same")
    curator.post("/settings/topic-versions/0/restore", data={"csrf": curator.csrf})
    assert _topic(house, "у нас заструга") != "snow"
    curator.post("/settings/topic-versions/1/restore", data={"csrf": curator.csrf})
    assert _topic(house, "у нас заструга") == "snow"


def test_only_the_changed_topic_is_written_anew(house: House, enter: SignIn) -> None:
    curator = enter("vlasova")
    book = house.console.rooms.administration.topics.book
    before = book.text()
    for topic in ("stray_animals", "snow", "other"):
        lists = _lists(curator.get(f"/settings/topics/{topic}").text)
        lists["weak"] = f"{lists['weak']}, проба".lstrip(", ")
        assert _keep(curator, topic, **lists).status_code == 303
    differ = [line for line in book.text().splitlines() if line not in before.splitlines()]
    assert len(differ) == 3
    assert all(line.startswith("weak = ") for line in differ)
    assert book.text().count("#") == before.count("#")


def test_a_phrase_is_tried_with_words_that_are_not_kept(house: House, enter: SignIn) -> None:
    curator = enter("vlasova")
    lists = _lists(curator.get("/settings/topics/snow").text)
    lists["strong"] += ", фонарь"
    lists["against"] = lists["against"].replace("асфальт", "").strip(", ")
    lists["phrase"] = "фонарь фонарь темно"
    answer = curator.post("/settings/topics/snow/try", data={"csrf": curator.csrf, **lists})
    assert answer.status_code == 200
    assert "Сейчас" in answer.text
    assert "С изменениями" in answer.text
    assert "из-за слов:" in answer.text
    assert "фонарь" in _lists(answer.text)["strong"]
    assert "фонарь" not in _lists(curator.get("/settings/topics/snow").text)["strong"]
    assert "Из последних сообщений просмотрено: 8." in answer.text


def test_messages_that_would_change_are_counted_and_shown_to_those_who_may_see_them(
    house: House, enter: SignIn
) -> None:
    curator, chief = enter("vlasova"), enter("chief")
    lists = _lists(curator.get("/settings/topics/snow").text)
    lists["certain"] += ", фонарь, гореть, темнота"
    lists["decisive"] = f"{lists['decisive']}\nфонарь + гореть | неделя"
    form = {**lists, "phrase": "фонарь не горит"}
    seen = curator.post("/settings/topics/snow/try", data={"csrf": curator.csrf, **form}).text
    assert re.search(r"→ <strong>Уборка снега</strong>: 1 \(<a href=\"/messages/[0-9a-f]{32}\"", seen)
    bare = chief.post("/settings/topics/snow/try", data={"csrf": chief.csrf, **form}).text
    assert "→ <strong>Уборка снега</strong>: 1" in bare
    assert "/messages/" not in bare


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("strong", "снег ", "уже есть в списке"), ("weak", "два слова", "не одно слово"),
        ("certain", "снег,, лёд", "лишняя запятая"), ("pairs", "снег и лёд", "с одним плюсом"),
    ],
)  # fmt: skip
def test_mistakes_are_named_with_their_line_and_nothing_is_lost(
    house: House, enter: SignIn, field: str, text: str, sentence: str
) -> None:
    curator = enter("vlasova")
    lists = _lists(curator.get("/settings/topics/snow").text) | {field: text}
    answer = _keep(curator, "snow", **lists)
    assert answer.status_code == 409
    assert sentence in answer.text
    line = int(re.search(r"строка (\d+)", answer.text)[1])  # type: ignore[index]
    draft = house.console.rooms.administration.topics.book.with_topic("snow", lists).splitlines()
    assert draft[line - 1].startswith(field)
    assert _lists(answer.text)[field].strip() == text.strip()
    assert not (house.folder / "words").exists()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda text: text.replace('title = "Уборка снега"', 'title = "Снег"'), "утверждены постановлением"),
        (lambda text: text.replace("[topics.snow]", "[topics.sneg]"), "утверждены постановлением"),
        (lambda text: text.replace('edition = "', 'edition = "1'), "edition"),
        (lambda text: text.replace("[topics.snow]\n", '[topics.snow]\nsroka = "x"\n'), "такого списка нет"),
        (lambda text: text.replace("[topics.snow]\n", "[topics.snow]\nбез кавычек\n"), "проверьте кавычки"),
        (lambda _text: "", "edition"),
    ],
)
def test_the_whole_file_is_checked_line_by_line(enter: SignIn, house: House, spoil, sentence: str) -> None:  # type: ignore[no-untyped-def]
    curator = enter("vlasova")
    text = spoil(house.console.rooms.administration.topics.book.text())
    answer = curator.post("/settings/topic-file", data={"csrf": curator.csrf, "text": text})
    assert answer.status_code == 409
    assert sentence in answer.text
    assert not (house.folder / "words").exists()


def test_the_whole_file_is_kept_with_the_ends_of_lines_of_any_browser(house: House, enter: SignIn) -> None:
    curator = enter("vlasova")
    text = house.console.rooms.administration.topics.book.text().replace("заледенеть", "заледенеть, заструга")
    files = {"text": (None, text.replace("\n", "\r\n"))}
    answer = curator.post("/settings/topic-file", data={"csrf": curator.csrf, "seen": "0"}, files=files)
    assert answer.headers["location"].endswith("said=kept")
    assert (house.folder / "words" / "topics.ru.toml").read_text("utf-8") == text
    late = curator.post("/settings/topic-file", data={"csrf": curator.csrf, "seen": "0", "text": text + "\n# x\n"})
    assert (late.status_code, "только что изменил" in late.text) == (409, True)


@pytest.mark.parametrize("looked", [True, False], ids=["both_looked", "a_word_is_taught"])
def test_of_two_who_save_at_the_same_moment_the_later_is_told_and_no_word_is_lost(house: House, looked: bool) -> None:
    lists = house.console.rooms.administration.topics
    vera, olga = an_actor(Role.CURATOR, login="vlasova"), an_actor(Role.CURATOR, login="orlova")
    new = {
        key: {**lists.topic(vera, key).lists, "weak": word} for key, word in (("snow", "заструга"), ("other", "проба"))
    }

    async def both() -> list[bool | BaseException]:
        return await asyncio.gather(
            lists.keep_topic(vera, "snow", new["snow"], lists.seen),
            lists.keep_topic(olga, "other", new["other"], lists.seen if looked else None),
            return_exceptions=True,
        )

    told = house.do(both())
    assert isinstance(told, list)
    assert told.count(True) == 1
    (late,) = [one for one in told if isinstance(one, RuleBroken)]
    assert late.code == "changed_meanwhile"
    kept = [word in lists.book.text() for word in ("заструга", "проба")]
    assert kept == [one is True for one in told]


def test_an_operator_teaches_nothing(enter: SignIn) -> None:
    anna = enter("petrova")
    assert anna.get("/settings/topics").status_code == 403
    assert _keep(anna, "snow", certain="снег").status_code == 403
