"""Words and voice of each municipality: its own files over the common ones, mistakes named with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.adapters.files import wav
from ivr.adapters.files.settings import Settings, read_settings
from ivr.bootstrap.files import catalog_of, overlay_file, words_of, words_stamp
from ivr.bootstrap.house import build
from ivr.errors import SettingsError
from tests.interop.service import make_home, tone

TWO = '[[municipalities]]\nkey = "{0}"\nnumbers = ["{1}"]\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house with files of its own, whose phrases are short."""
    monkeypatch.setenv("IVR_HOME", str(tmp_path))
    return make_home(tmp_path)


def settings(home: Path) -> Settings:
    """The house's own and two more, one of them with nothing of its own."""
    file = home / "config" / "ivr.toml"
    file.write_text(
        f'[storage]\ndata = "{home / "var"}"\n' + TWO.format("volovo", "1") + TWO.format("plain", "2"), "utf-8"
    )
    return read_settings(file)


def own_files(home: Path, **files: str) -> Path:
    """Word files of one municipality, its phrase in another voice."""
    folder, sounds = home / "config" / "towns" / "volovo", home / "audio" / "prompts" / "volovo"
    folder.mkdir(parents=True)
    sounds.mkdir()
    for name, text in files.items():
        (folder / f"{name}.ru.toml").write_text(text, "utf-8")
    (sounds / "overflow_greeting.wav").write_bytes(wav.write(tone(0.2)))
    return folder


def test_a_registration_whose_password_is_gone_is_named(home: Path) -> None:
    file, secret = home / "config" / "ivr.toml", home / "sip-password"
    table = f'registrar = "sip:pbx.local"\nuser = "line"\npassword_file = "{secret}"\n'
    file.write_text(f'[storage]\ndata = "{home / "var"}"\n[phone.registration]\n{table}', "utf-8")
    house = build(read_settings(file))
    with pytest.raises(SettingsError, match=r"phone\.registration\.password_file: .*sip-password"):
        house.sip(1)
    secret.write_text("тайна\n", "utf-8")
    registration = house.sip(1).registration
    assert registration and registration.password == "тайна"


def test_each_municipality_is_spoken_to_and_understood_by_its_own_files(home: Path) -> None:
    own_files(
        home, gazetteer='localities = "Сухановка"\nstreets = "Тальниковая"\n',
        prompts='[phrases.overflow_greeting]\ntext = "Это Волово. Говорите после сигнала."\n',
    )  # fmt: skip
    house = build(settings(home))
    own, volovo, plain = house.catalog.load(), house.locals["volovo"], house.locals["plain"]
    assert volovo.say.overflow_greeting.text == "Это Волово. Говорите после сигнала."
    assert volovo.say.overflow_greeting.seconds == pytest.approx(0.2)
    assert plain.say.overflow_greeting == own.overflow_greeting
    said = "улица тальниковая дом пять"
    assert [one(said).address is not None for one in (volovo.understand, house.understand)] == [True, True]
    found = volovo.understand("я из сухановки улица тальниковая дом пять").address
    assert found and found.value.locality == "Сухановка"
    other = house.understand("я из сухановки улица тальниковая дом пять").address
    assert not other or other.value.locality != "Сухановка"


def test_what_is_the_same_is_kept_once(home: Path) -> None:
    own_files(home)
    house = build(settings(home))
    assert house.locals["plain"].understand is house.understand
    assert house.locals["volovo"].understand is house.understand
    volovo, plain = (house.locals[key].say for key in ("volovo", "plain"))
    assert volovo.known(plain.recording_notice).pcm is plain.known(plain.recording_notice).pcm
    assert volovo.overflow_greeting.pcm != plain.overflow_greeting.pcm


def test_what_has_not_changed_is_not_read_again(home: Path) -> None:
    folder = own_files(home, gazetteer='localities = "Сухановка"\nstreets = "Тальниковая"\n')
    house = build(settings(home))
    before = dict(house.locals)
    assert not house.words_now()
    (folder / "topics.ru.toml").write_text((home / "config" / "topics.ru.toml").read_text("utf-8"), "utf-8")
    assert house.words_now()
    assert house.locals["volovo"].understand is not before["volovo"].understand
    assert [house.locals[key].say is before[key].say for key in before] == [True, True]


def test_what_people_of_one_have_changed_is_the_others_neither_in_words_nor_in_voice(home: Path) -> None:
    known = settings(home)
    text = (home / "config" / "topics.ru.toml").read_text("utf-8")
    folder = home / "var" / "towns" / "volovo" / "words"
    folder.mkdir(parents=True)
    (folder / "topics.ru.toml").write_text(text, "utf-8")
    before = words_stamp(known)
    catalog_of(known, "volovo").keep_recording("goodbye", tone(0.3))
    assert words_stamp(known) != before
    assert (words_of(known, "volovo") / "topics.ru.toml").parent == folder
    assert [(words_of(known, key) / "topics.ru.toml").parent for key in ("", "plain")] == [home / "config"] * 2
    lengths = [len(catalog_of(known, key).read("goodbye")) for key in ("volovo", "", "plain")]
    assert lengths[0] > lengths[1] == lengths[2]
    assert overlay_file(known, "volovo") == home / "var" / "towns" / "volovo" / "console.toml"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[phrases.goodby]\ntext = "x"\n', r"towns/volovo/prompts\.ru\.toml:1: phrases\.goodby is not a phrase"),
        ('\n[phrases.recording_notice]\ntext = "x"\n', r"prompts\.ru\.toml:2: .*the regulation gives these words"),
        ('[phrases.goodbye]\ntext = "Пока."\n', r"prompts\.ru\.toml:1: .*record it: .*volovo/goodbye\.wav is missing"),
        ('[phrases.overflow_greeting]\nsays = "x"\n', r"prompts\.ru\.toml:1: .*give its text, and nothing else"),
        ('[numbers]\nunits = []\n', r"prompts\.ru\.toml:1: numbers: only \[phrases"),
        ("x = [", r"volovo/prompts\.ru\.toml: "),
    ],
)  # fmt: skip
def test_a_mistake_of_its_phrases_is_named_with_file_and_line(home: Path, text: str, complaint: str) -> None:
    own_files(home, prompts=text)
    with pytest.raises(SettingsError, match=complaint):
        build(settings(home))


def test_a_mistake_of_its_words_is_named_with_file_and_line(home: Path) -> None:
    own_files(home, gazetteer='localities = "Сухановка"\nstreets = "улица Тальниковая"\n')
    with pytest.raises(SettingsError, match=r"towns/volovo/gazetteer\.ru\.toml:2: streets"):
        build(settings(home))
