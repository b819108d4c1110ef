"""One person's data, on his request: all of it handed out, all of it erased, the figures kept (152-FZ)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from ivr.adapters.files import wav
from ivr.adapters.storage import tables
from ivr.adapters.storage.erasure import DatabaseErasure
from ivr.domain.audit import LogQuery
from ivr.domain.retention import Act, Rule
from ivr.errors import Forbidden, RuleBroken
from ivr.ports.keeping import Belongings, Keys
from tests.access_samples import ADMINISTRATOR, an_actor
from tests.keeping.kept import MARKS, NUMBER, Kept, make_kept
from tests.keeping.test_retention import CURATOR, NOON

OTHER = "+79000000002"


@pytest.fixture
def kept(journal_url: str, tmp_path: Path) -> Iterator[Kept]:
    made = make_kept(tmp_path, NOON, journal_url)
    made.left(1, NOON)
    made.left(2, NOON + timedelta(hours=1), phone=OTHER)
    yield made
    made.dispose()


async def _exported(kept: Kept, number: str = NUMBER) -> zipfile.ZipFile:
    target = io.BytesIO()
    await kept.room.citizens.export(CURATOR, number, target)
    return zipfile.ZipFile(target)


@pytest.mark.parametrize("number", [NUMBER, "8 (900) 000-47-11", "9000004711", "79000004711"])
async def test_everything_of_a_number_is_handed_out_however_it_is_written(kept: Kept, number: str) -> None:
    archive = await _exported(kept, number)
    page = archive.read("index.html").decode()
    for mark in ("Приметнов", "Меткина", "Улица-Метка", "суть-метка", "ответ-метка", "Kennzeichen", NUMBER):
        assert mark in page, mark
    assert OTHER not in page
    sounds = [name for name in archive.namelist() if name.endswith(".wav")]
    assert len(sounds) == 2
    for name in sounds:
        assert f'href="{name}"' in page
        assert wav.parse(archive.read(name)).pcm == b"4711" * 40
    rows = json.loads(archive.read("data.json"))
    assert {row["table"] for row in rows} == {
        "call", "turn", "recording", "message", "correction", "review", "attempt", "talk", "callback", "referral", "leg"
    }  # fmt: skip


async def test_nothing_handed_out_is_live_in_a_browser(kept: Kept) -> None:
    with kept.engine.begin() as db:
        db.execute(update(tables.message).values(gist="<script>alert(1)</script>"))
    assert "<script>" not in (await _exported(kept)).read("index.html").decode()


async def test_a_recording_without_proof_is_named_and_not_handed_out(kept: Kept) -> None:
    with kept.engine.begin() as db:
        db.execute(update(tables.call).values(notice_seconds=3.0))
        db.execute(update(tables.attempt).values(notice_hash=""))
    archive = await _exported(kept)
    assert [name for name in archive.namelist() if name.endswith(".wav")] == []
    assert archive.read("index.html").decode().count("Запись не выдаётся") == 2


async def test_what_is_erased_is_gone_and_the_others_stay(kept: Kept) -> None:
    act = await kept.room.citizens.erase(CURATOR, NUMBER, "заявление от 12.01.2026 № 7")
    assert (act.rule, act.by, act.why) == (Rule.REQUEST, "vlasova", "заявление от 12.01.2026 № 7")
    assert act.counts["sounds"] == 2
    with kept.engine.connect() as db:
        numbers = set(db.execute(select(tables.call.c.caller_number)).scalars())
        assert db.execute(select(func.count()).select_from(tables.message)).scalar() == 2
    assert numbers == {"", OTHER}
    assert kept.found([NUMBER, NUMBER[1:]]) == set()
    assert len(kept.files()) == 2
    with pytest.raises(RuleBroken, match="nothing is kept"):
        await kept.room.citizens.find(CURATOR, NUMBER)
    await kept.room.citizens.erase(CURATOR, OTHER, "заявление от 13.01.2026")
    assert kept.found() == set()
    assert set(MARKS)


async def test_who_left_no_number_is_found_by_his_message(kept: Kept) -> None:
    key = kept.left(3, NOON + timedelta(hours=2), phone="")
    archive = await _exported(kept, key)
    page = archive.read("index.html").decode()
    assert "Приметнов" in page
    assert NUMBER not in page
    assert len([name for name in archive.namelist() if name.endswith(".wav")]) == 2
    act = await kept.room.citizens.erase(CURATOR, key, "заявление от 12.01.2026 № 8")
    assert act.counts["sounds"] == 2
    assert len(kept.files()) == 4
    with pytest.raises(RuleBroken, match="nothing is kept"):
        await kept.room.citizens.find(CURATOR, key)
    assert (await kept.room.citizens.find(CURATOR, NUMBER)).keys["call"] == [f"{1:032x}"]


async def test_a_promise_that_two_messages_wait_for_stays_with_the_other(kept: Kept) -> None:
    first, second = (f"{number:032x}" for number in (1, 2))
    with kept.engine.begin() as db:
        db.execute(update(tables.message).where(tables.message.c.id == second).values(callback_id=first))
    found = await kept.room.citizens.find(CURATOR, second)
    assert found.keys["call"] == [second]
    assert found.keys["callback"] == found.keys["attempt"] == []


async def test_a_message_of_another_town_is_nobody_s_here(kept: Kept) -> None:
    key = kept.left(3, NOON, phone="", town="other")
    with pytest.raises(RuleBroken, match="nothing is kept"):
        await kept.room.citizens.find(CURATOR, key)


async def test_it_is_refused_while_a_hold_stands_or_a_call_back_is_owed(kept: Kept) -> None:
    call = f"{1:032x}"
    hold = await kept.room.keeping.hold(CURATOR, call, "запрос прокуратуры")
    with pytest.raises(RuleBroken) as fault:
        await kept.room.citizens.erase(CURATOR, NUMBER, "заявление")
    assert fault.value.code == "held"
    await kept.room.keeping.release(CURATOR, hold.id)
    with kept.engine.begin() as db:
        db.execute(update(tables.callback).where(tables.callback.c.id == call).values(is_open=True))
    with pytest.raises(RuleBroken) as fault:
        await kept.room.citizens.erase(CURATOR, NUMBER, "заявление")
    assert fault.value.code == "still_owed"
    kept.close(call)
    assert (await kept.room.citizens.erase(CURATOR, NUMBER, "заявление")).digest


async def test_a_sweep_in_between_takes_no_act_away(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The timetable sums up whatever has begun, the moment after it was destroyed."""
    destroy, done = DatabaseErasure.destroy, list[Act]()

    async def destroys(self: DatabaseErasure, keys: Keys, act: Act) -> int:
        gone = await destroy(self, keys, act)
        done.extend(await kept.room.retention.settle())
        return gone

    monkeypatch.setattr(DatabaseErasure, "destroy", destroys)
    act = await kept.room.citizens.erase(CURATOR, NUMBER, "заявление от 12.01.2026")
    assert [act] == done
    assert act.counts["call"] == 1
    entries = await kept.room.retention.log.book.page(LogQuery("demo"))
    assert [entry.subject for entry in entries if entry.thing == "act"] == [act.id]


async def test_two_erasures_for_one_reason_have_each_their_act(kept: Kept) -> None:
    erase, why = kept.room.citizens.erase, "решение суда"
    first = await erase(CURATOR, NUMBER, why)
    kept.clock.moment += timedelta(seconds=1)
    second = await erase(CURATOR, OTHER, why)
    assert [one.id for one in await kept.room.keeping.destructions(CURATOR)] == [second.id, first.id]


async def test_a_call_back_that_is_opened_meanwhile_is_still_owed(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    call, find = f"{1:032x}", DatabaseErasure.belongings

    async def finds(self: DatabaseErasure, town: str, numbers: Sequence[str]) -> Belongings:
        found = await find(self, town, numbers)
        with kept.engine.begin() as db:
            db.execute(update(tables.callback).where(tables.callback.c.id == call).values(is_open=True))
        return found

    monkeypatch.setattr(DatabaseErasure, "belongings", finds)
    with pytest.raises(RuleBroken) as fault:
        await kept.room.citizens.erase(CURATOR, NUMBER, "заявление")
    assert fault.value.code == "still_owed"
    assert kept.erased() == set()


async def test_who_asked_and_when_is_written_down_without_the_number(kept: Kept) -> None:
    await _exported(kept)
    await kept.room.citizens.erase(CURATOR, NUMBER, "заявление")
    entries = (await kept.room.retention.log.book.page(LogQuery("demo")))[::-1]
    assert [(entry.who, entry.deed, entry.thing) for entry in entries] == [
        ("vlasova", "export", "citizen"), ("vlasova", "erase", "citizen"), ("", "erase", "act")
    ]  # fmt: skip
    assert NUMBER[-4:] not in repr([(entry.subject, dict(entry.facts)) for entry in entries[:2]])


async def test_only_a_curator_may_and_only_with_a_reason_and_a_number(kept: Kept) -> None:
    for actor in (ADMINISTRATOR, an_actor()):
        with pytest.raises(Forbidden):
            await kept.room.citizens.erase(actor, NUMBER, "заявление")
        with pytest.raises(Forbidden):
            await kept.room.citizens.export(actor, NUMBER, io.BytesIO())
    with pytest.raises(RuleBroken, match="say why"):
        await kept.room.citizens.erase(CURATOR, NUMBER, "")
    with pytest.raises(RuleBroken, match="no telephone number"):
        await kept.room.citizens.find(CURATOR, "Иванова")


async def test_another_town_s_rows_are_nobody_s_here(kept: Kept) -> None:
    stranger = an_actor(*CURATOR.account.roles, town="other")
    with pytest.raises(RuleBroken, match="nothing is kept"):
        await kept.room.citizens.find(stranger, NUMBER)
