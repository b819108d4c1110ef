"""A phrase recorded in the browser, with a microphone that the page only believes in."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Enter

_MICROPHONE = """
window.tracks = [];
window.contexts = 0;
const Real = AudioContext;
window.AudioContext = class extends Real { constructor() { super(); window.contexts += 1; } };
navigator.mediaDevices.getUserMedia = async () => {
  const context = new Real();
  const tone = context.createOscillator();
  const end = context.createMediaStreamDestination();
  tone.connect(end);
  tone.start();
  window.tracks.push(...end.stream.getTracks());
  return end.stream;
};
"""
_STATES = "window.tracks.map(track => track.readyState)"


def test_the_microphone_is_let_go_when_recording_cannot_begin(enter: Enter) -> None:
    anna = enter("chief")
    anna.page.add_init_script(_MICROPHONE)
    anna.page.add_init_script("AudioWorklet.prototype.addModule = async () => { throw new Error('not there'); };")
    page = anna.go("/settings/prompts/recording_notice")
    page.click("[data-record-button]")
    expect(page.locator("[data-told]")).not_to_be_empty()
    assert page.evaluate(_STATES) == ["ended"]


def test_two_recordings_take_one_sound_context(enter: Enter) -> None:
    anna = enter("chief")
    anna.page.add_init_script(_MICROPHONE)
    page = anna.go("/settings/prompts/recording_notice")
    button = page.locator("[data-record-button]")
    label = button.inner_text()
    for _ in range(2):
        button.click()
        expect(button).not_to_have_text(label)
        expect(page.locator(".recorder meter")).not_to_have_js_property("value", 0)
        button.click()
        expect(button).to_have_text(label)
        assert page.evaluate("document.querySelector('[name=file]').files[0].size") > 1000
    assert page.evaluate(_STATES) == ["ended", "ended"]
    assert page.evaluate("window.contexts") == 1
