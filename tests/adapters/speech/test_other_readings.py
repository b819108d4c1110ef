"""A server that was set up to give other readings: they are read, and the whole text has each of them."""

from __future__ import annotations

import itertools
import json
import wave
from pathlib import Path

import numpy as np
import pytest

from ivr.adapters.files.lexicons import read_lexicon
from ivr.adapters.files.settings import Settings, project_root
from ivr.adapters.speech.protocol import Ask, ProtocolError, read_answer
from ivr.adapters.speech.utterance import Utterance
from ivr.language.understanding import Understanding

SAID = Path(__file__).resolve().parents[2] / "data" / "said_number.wav"


def test_the_best_reading_is_the_text_and_the_others_are_kept() -> None:
    word = {"word": "восемь", "start": 0.1, "end": 0.4}
    readings = [{"text": " восемь девять ", "confidence": 9.1, "result": [word]}, {"text": "восемь десять"}]
    answer = read_answer(json.dumps({"alternatives": readings}))
    assert (answer.text, answer.alternatives) == ("восемь девять", ("восемь десять",))
    assert [(heard.text, heard.confidence) for heard in answer.words] == [("восемь", 1.0)]


@pytest.mark.parametrize("readings", [[], [{}], "x", None, [5]])
def test_readings_that_cannot_be_read_are_no_answer(readings: object) -> None:
    with pytest.raises(ProtocolError):
        read_answer(json.dumps({"alternatives": readings}))


@pytest.mark.speech
def test_vosk_doubts_a_noisy_number_and_so_do_we() -> None:
    from vosk import Model, SetLogLevel

    SetLogLevel(-1)
    with wave.open(str(SAID)) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    model, understand = Model(str(Settings().model)), Understanding(read_lexicon(project_root() / "config"))
    for seed, loudness in itertools.product((1, 2, 3), (3000, 3400, 3800)):
        noise = np.random.default_rng(seed).normal(0, loudness, len(sound))
        utterance = Utterance(model, Ask(alternatives=3))
        utterance.hear((sound + noise).clip(-32768, 32767).astype("<i2").tobytes())
        answer = read_answer(utterance.end())
        alone = understand(answer.text or "").phones
        doubted = understand(answer.text or "", alternatives=answer.alternatives).phones
        if alone and doubted and doubted[0].confidence < alone[0].confidence:
            assert doubted[0].value == alone[0].value
            return
    raise AssertionError("it is sure of its number in whatever noise")
