// The card's player: a waveform, a click on a word or a field = hear that second.
import WaveSurfer from "./vendor/wavesurfer.js";
import Regions from "./vendor/wavesurfer-regions.js";

const QUIET = 0.02;
const PAUSE_SECONDS = 0.7;
const TINTS = { name: "#3d7ebf", phone: "#2f8f6b", topic: "#8d6bb8", address: "#b27a2a" };
const nonce = document.querySelector('meta[name="style-nonce"]').content;
const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const players = new Map();
const tell = (text) => document.dispatchEvent(new CustomEvent("tell", { detail: { text, bad: true } }));

class Player {
  constructor(root) {
    this.root = root;
    this.name = root.dataset.recording;
    this.until = null;
    this.pauses = [];
    this.audio = new Audio();
    this.audio.preload = "none";
    this.audio.src = `/recordings/${this.name}`;
    this.button = root.querySelector("[data-play]");
    this.button.addEventListener("click", () => this.toggle());
    root.querySelector("[data-rate]").addEventListener("change", (event) => { this.audio.playbackRate = Number(event.target.value); });
    this.words = [...(root.parentElement.querySelectorAll(".transcript .w") ?? [])];
    this.audio.addEventListener("timeupdate", () => this.follow());
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.show());
    this.audio.addEventListener("error", () => tell(root.dataset.away));
    this.draw();
  }

  async draw() {
    const answer = await fetch(`/recordings/${this.name}/shape`);
    if (!answer.ok) { this.root.querySelector("[data-wave]").hidden = true; return; }
    const { seconds, channels } = await answer.json();
    const holder = this.root.querySelector("[data-wave]");
    const height = channels.length > 1 ? 66 : 84;
    if (channels.length > 1) holder.classList.add("stereo");
    this.pauses = pausesOf(channels, seconds);
    const regions = Regions.create();
    this.wave = WaveSurfer.create({
      container: holder, height, peaks: channels, duration: seconds, media: this.audio, cspNonce: nonce, normalize: true,
      waveColor: style("--wave"), progressColor: style("--accent"), cursorColor: style("--ink"), barWidth: 2, barGap: 1,
      splitChannels: channels.length > 1 ? channels.map(() => ({ waveColor: style("--wave"), progressColor: style("--accent") })) : false,
      plugins: [regions],
    });
    this.wave.on("interaction", () => { this.until = null; });
    const mark = () => {
      if (this.root.dataset.drawn || !this.wave.getDuration()) return;
      this.root.dataset.drawn = "yes";
      const names = JSON.parse(this.root.dataset.names);
      for (const part of JSON.parse(this.root.dataset.stretches)) {
        const color = `${TINTS[part.kind] ?? "#888888"}40`;
        regions.addRegion({ start: part.start, end: part.end, drag: false, resize: false, color, id: names[part.kind] });
      }
    };
    this.wave.on("ready", mark);
    mark();
  }

  toggle() {
    this.until = null;
    if (this.audio.paused) this.audio.play(); else this.audio.pause();
  }

  play(from, until = null) {
    this.until = until === null ? null : until + 0.15;
    const start = () => { this.audio.currentTime = Math.max(0, from - 0.05); this.audio.play(); };
    if (this.audio.readyState >= HTMLMediaElement.HAVE_METADATA) { start(); return; }
    this.audio.addEventListener("loadedmetadata", start, { once: true });
    this.audio.load();
    this.audio.preload = "auto";
    this.audio.load();
  }

  follow() {
    const at = this.audio.currentTime;
    this.root.querySelector("[data-time]").textContent = clock(at);
    if (this.until !== null && at >= this.until) { this.audio.pause(); this.until = null; }
    if (this.root.querySelector("[data-skip]").checked && !this.audio.paused) {
      const pause = this.pauses.find(([start, end]) => at >= start && at < end - 0.1);
      if (pause) this.audio.currentTime = pause[1];
    }
    for (const word of this.words) word.classList.toggle("now", at >= Number(word.dataset.at) && at < Number(word.dataset.until));
  }

  show() {
    const playing = !this.audio.paused;
    this.button.textContent = playing ? "❚❚" : "▶";
    this.button.setAttribute("aria-label", playing ? this.button.dataset.labelPause : this.button.dataset.labelPlay);
  }
}

function pausesOf(channels, seconds) {
  const count = channels[0].length;
  const step = seconds / count;
  const pauses = [];
  let start = null;
  for (let i = 0; i <= count; i += 1) {
    const quiet = i < count && channels.every((channel) => channel[i] < QUIET);
    if (quiet && start === null) start = i;
    if (!quiet && start !== null) {
      if ((i - start) * step > PAUSE_SECONDS) pauses.push([start * step + 0.25, i * step - 0.1]);
      start = null;
    }
  }
  return pauses;
}

for (const root of document.querySelectorAll(".player")) players.set(root.dataset.recording, new Player(root));
document.addEventListener("click", (event) => {
  const word = event.target.closest(".w");
  if (word) {
    const root = word.closest(".transcript").parentElement.querySelector(".player");
    players.get(root?.dataset.recording)?.play(Number(word.dataset.at));
    return;
  }
  const button = event.target.closest("[data-play-from]");
  if (button) {
    const until = button.dataset.playTo ? Number(button.dataset.playTo) : null;
    players.get(button.dataset.recording)?.play(Number(button.dataset.playFrom), until);
  }
});
