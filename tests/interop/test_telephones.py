"""The front desk with sipp on both sides: operators who answer, are busy, late, silent; callers who leave."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.interop import operators, sipp
from tests.interop.exchange import free_port, pitch
from tests.interop.service import Service, eventually, make_home, tone
from tests.interop.sound import alaw

pytestmark = pytest.mark.sip
CALLER_HZ, OPERATOR_HZ = 440.0, 1000.0
RING_SECONDS = 1.5


@pytest.fixture(scope="module")
def phones() -> tuple[int, int]:
    """Where the operators' telephones are."""
    return free_port(), free_port()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, phones: tuple[int, int]) -> Iterator[Service]:
    """One engine with two operators, who are rung for 1.5 s; without RTP for 2 s a leg is dead."""
    home = make_home(tmp_path_factory.mktemp("town"), ring_seconds=RING_SECONDS)
    addresses = [f"sip:{101 + number}@127.0.0.1:{port}" for number, port in enumerate(phones)]
    tables = f'[desk]\noperators = {addresses}\n[desk.phones]\n"Петрова" = "{addresses[0]}"'
    phone = "no_media_seconds = 2.0\nrtp_port = 26000"
    with Service(home, phone=phone, mode="front_desk", tables=tables) as running:
        yield running


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """What the caller and the operator say for ever: a tone each, raw A-law."""
    folder = tmp_path_factory.mktemp("tones")
    for name, hertz in (("caller", CALLER_HZ), ("operator", OPERATOR_HZ)):
        (folder / name).write_bytes(alaw(tone(2.0, hertz)))
    return folder / "caller", folder / "operator"


def caller(name: str, *steps: str, number: str = "") -> tuple[str, ...]:
    """A caller's steps up to the answer, with his number."""
    sender = f"<sip:{number or 'anonymous'}@[local_ip]>"
    return (sipp.answered(sender=sender), *steps)


def promised(town: Service, number: str) -> int:
    """Promises made to a number."""
    return len(town.rows("SELECT * FROM callback WHERE number = ? AND state = 'promised'", number))


def legs(town: Service, call: dict[str, Any]) -> list[tuple[str, int]]:
    """Who was rung for a call and how it ended, from the ledger."""
    query = "SELECT who, cause FROM leg WHERE call = ? AND side = 'operator' ORDER BY who"
    return [(row["who"], row["cause"]) for row in town.rows(query, call["id"])]


def test_one_answers_the_other_is_cancelled_and_the_operator_hangs_up_first(
    town: Service, phones: tuple[int, int], sounds: tuple[Path, Path]
) -> None:
    first = operators.telephone(
        phones[0], operators.invited(), operators.ringing(), operators.lifts(sounds[1]), sipp.pause(1.5),
        operators.parting(),
    )  # fmt: skip
    loser = operators.telephone(phones[1], operators.invited(), operators.ringing(), operators.cancelled())
    sipp.run(
        town.port,
        "answers",
        *caller("answers", sipp.speak(sounds[0]), sipp.expect_request("BYE"), number="89000000501"),
    )
    first.finish()
    loser.finish()
    call = town.closed_call("answers")
    assert (call["mode"], call["end"], call["operator"]) == ("front_desk", "completed", "Петрова")
    assert legs(town, call) == [("102", 487), ("Петрова", 200)]
    assert promised(town, "+79000000501") == 0
    sound = town.sound(call["id"])
    last = slice(-16000, -4000)
    assert pitch(sound.channel(0)[last]) == pytest.approx(CALLER_HZ, abs=15)
    assert pitch(sound.channel(1)[last]) == pytest.approx(OPERATOR_HZ, abs=15)


@pytest.mark.parametrize(("name", "statuses"), [("busy", (486, 486)), ("absent", (480, 404))])
def test_when_nobody_can_come_the_assistant_takes_the_message(
    town: Service, phones: tuple[int, int], sounds: tuple[Path, Path], name: str, statuses: tuple[int, int]
) -> None:
    number = f"+7900000051{len(name)}"
    rung = [
        operators.telephone(port, operators.invited(), operators.refuses(status))
        for port, status in zip(phones, statuses, strict=True)
    ]
    sipp.run(town.port, name, *caller(name, sipp.speak(sounds[0]), sipp.pause(1.2), sipp.bye(), number=number))
    for phone in rung:
        phone.finish()
    call = town.closed_call(name)
    assert (call["mode"], call["end"], call["operator"]) == ("overflow", "caller_hung_up", "")
    assert sorted(cause for _, cause in legs(town, call)) == sorted(statuses)
    assert promised(town, number) == 1


def test_nobody_answers_in_time_and_one_lifts_the_handset_too_late(
    town: Service, phones: tuple[int, int], sounds: tuple[Path, Path]
) -> None:
    silent = operators.telephone(phones[0], operators.invited(), operators.ringing(), operators.cancelled())
    late = operators.telephone(  # its 200 crosses the CANCEL (RFC 3261 §9.1): the call is there, and ended at once
        phones[1], operators.invited(), operators.ringing(), '<recv request="CANCEL" timeout="20000"/>',
        operators.reply(200, "OK", sipp.sdp("[media_port]")), '<recv request="ACK"/>', sipp.expect_request("BYE"),
    )  # fmt: skip
    sipp.run(
        town.port, "late", *caller("late", sipp.speak(sounds[0]), sipp.pause(2.4), sipp.bye(), number="89000000503")
    )
    silent.finish()
    late.finish()
    call = town.closed_call("late")
    assert (call["mode"], call["operator"]) == ("overflow", "")
    assert promised(town, "+79000000503") == 1


def test_who_leaves_while_it_rings_is_a_missed_call_and_nobody_is_rung_any_longer(
    town: Service, phones: tuple[int, int], sounds: tuple[Path, Path]
) -> None:
    for name, number, owed in (("leaves", "89000000504", 1), ("hidden", "", 0)):
        rung = [
            operators.telephone(port, operators.invited(), operators.ringing(), operators.cancelled())
            for port in phones
        ]
        sipp.run(town.port, name, *caller(name, sipp.speak(sounds[0]), sipp.pause(0.8), sipp.bye(), number=number))
        for phone in rung:
            phone.finish()
        call = town.closed_call(name)
        assert (call["mode"], call["end"], call["operator"]) == ("front_desk", "caller_hung_up", "")
        assert promised(town, call["caller_number"]) == owed
        assert [cause for _, cause in legs(town, call)] == [487, 487]


def test_both_hang_up_at_the_same_moment(town: Service, phones: tuple[int, int], sounds: tuple[Path, Path]) -> None:
    first = operators.telephone(
        phones[0], operators.invited(), operators.lifts(sounds[1]), sipp.pause(0.6), operators.hangs_up(),
        '<recv request="BYE" optional="true"/><recv response="200" timeout="20000"/>',
    )  # fmt: skip
    loser = operators.telephone(phones[1], operators.invited(), operators.ringing(), operators.cancelled())
    leaving = sipp.start(
        town.port, "both", *caller("both", sipp.speak(sounds[0]), sipp.pause(0.9), sipp.request("BYE", 2),
                                   '<recv request="BYE" optional="true"/><recv response="200" timeout="20000"/>',
                                   number="89000000505"),
    )  # fmt: skip
    leaving.process.wait(30)
    leaving.kill()
    for phone in (first, loser):
        phone.process.wait(30)
        phone.end()
    call = town.closed_call("both")
    assert call["operator"] == "Петрова"
    assert promised(town, "+79000000505") == 0
    eventually(lambda: town.rows("SELECT 1 FROM leg WHERE call = ? AND side = 'caller'", call["id"]) or None, 5)


def test_an_operator_s_telephone_that_falls_silent_is_noticed_and_the_others_are_rung_again(
    town: Service, phones: tuple[int, int], sounds: tuple[Path, Path]
) -> None:
    mute = operators.telephone(phones[0], operators.invited(), operators.lifts(), sipp.expect_request("BYE"))
    other = operators.telephone(phones[1], operators.invited(), operators.ringing(), operators.cancelled())
    leaving = sipp.start(
        town.port, "mute", *caller("mute", sipp.speak(sounds[0]), sipp.expect_request("BYE"), number="89000000506")
    )
    mute.finish()
    other.finish()
    rescue = operators.telephone(
        phones[1], operators.invited(), operators.lifts(sounds[1]), sipp.pause(0.5), operators.parting()
    )
    busy = operators.telephone(phones[0], operators.invited(), operators.ringing(), operators.cancelled())
    leaving.finish()
    rescue.finish()
    busy.end()
    call = town.closed_call("mute")
    ended = town.rows("SELECT who, ended_by FROM leg WHERE call = ? AND cause = 200 AND side = 'operator'", call["id"])
    assert {(row["who"], row["ended_by"]) for row in ended} == {("Петрова", "no_media"), ("102", "far")}
    assert promised(town, "+79000000506") == 0


def test_a_caller_whose_sound_stops_is_noticed_and_the_operator_let_go(
    town: Service, phones: tuple[int, int], sounds: tuple[Path, Path]
) -> None:
    first = operators.telephone(phones[0], operators.invited(), operators.lifts(sounds[1]), sipp.expect_request("BYE"))
    loser = operators.telephone(phones[1], operators.invited(), operators.ringing(), operators.cancelled())
    sipp.run(town.port, "dumb", *caller("dumb", sipp.expect_request("BYE"), number="89000000507"))
    first.finish()
    loser.finish()
    call = town.closed_call("dumb")
    caller_leg = town.rows("SELECT ended_by FROM leg WHERE id = ?", call["id"])
    assert caller_leg == [{"ended_by": "no_media"}]


def test_a_stranger_s_refer_is_declined(town: Service, phones: tuple[int, int], sounds: tuple[Path, Path]) -> None:
    first = operators.telephone(phones[0], operators.invited(), operators.lifts(sounds[1]), sipp.expect_request("BYE"))
    loser = operators.telephone(phones[1], operators.invited(), operators.ringing(), operators.cancelled())
    refer = sipp.request("REFER", 2, more=("Refer-To: <sip:810441234567@192.0.2.1>", "Referred-By: <sip:caller@x>"))
    sipp.run(
        town.port, "refer",
        *caller("refer", sipp.speak(sounds[0]), sipp.pause(0.5), refer, sipp.expect(603, "REFER"), sipp.bye(3),
                number="89000000508"),
    )  # fmt: skip
    first.finish()
    loser.finish()
