// A phrase recorded in the browser: it becomes a WAV file in the form's own file field, so that it is sent like any other.
const LONGEST_SECONDS = 110;

function wav(pieces, rate) {
  const count = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const view = new DataView(new ArrayBuffer(44 + 2 * count));
  const text = (at, letters) => [...letters].forEach((letter, n) => view.setUint8(at + n, letter.charCodeAt(0)));
  text(0, "RIFF"); view.setUint32(4, 36 + 2 * count, true); text(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, rate, true); view.setUint32(28, 2 * rate, true); view.setUint16(32, 2, true); view.setUint16(34, 16, true);
  text(36, "data"); view.setUint32(40, 2 * count, true);
  let at = 44;
  for (const piece of pieces)
    for (const sample of piece) { view.setInt16(at, Math.max(-1, Math.min(1, sample)) * 32767, true); at += 2; }
  return new Blob([view.buffer], { type: "audio/wav" });
}

class Recorder {
  constructor(form) {
    this.form = form;
    this.button = form.querySelector("[data-record-button]");
    this.meter = form.querySelector("meter");
    this.length = form.querySelector("[data-length]");
    this.hear = form.querySelector("[data-hear]");
    this.told = form.querySelector("[data-told]");
    this.file = form.querySelector("input[type=file]");
    this.pieces = [];
    this.button.addEventListener("click", () => (this.stream ? this.stop() : this.start()));
    this.hear.addEventListener("click", () => this.play());
    form.querySelector(".recorder").hidden = false;
  }

  async start() {
    if (this.starting) return;
    this.starting = true;
    let stream = null;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, autoGainControl: false } });
      await this.open(stream);
    } catch {
      for (const track of stream?.getTracks() ?? []) track.stop();
      this.told.textContent = this.form.dataset.noMicrophone;
      return;
    } finally {
      this.starting = false;
    }
    this.stream = stream;
    this.button.textContent = this.form.dataset.stop;
    this.told.textContent = "";
    this.hear.hidden = true;
  }

  // One context for all recordings of the page: browsers allow only a few.
  async open(stream) {
    this.context ??= new AudioContext();
    if (!this.tap) {
      await this.context.audioWorklet.addModule(this.form.dataset.worklet);
      this.tap = new AudioWorkletNode(this.context, "tap");
      this.tap.port.onmessage = ({ data }) => this.take(data);
    }
    this.pieces = [];
    this.microphone = this.context.createMediaStreamSource(stream);
    this.microphone.connect(this.tap);
  }

  take(piece) {
    if (!this.stream) return;
    this.pieces.push(piece);
    const seconds = this.pieces.length * piece.length / this.context.sampleRate;
    this.meter.value = Math.min(1, piece.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0));
    this.length.textContent = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
    if (seconds > LONGEST_SECONDS) this.stop();
  }

  stop() {
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = null;
    this.microphone.disconnect();
    this.button.textContent = this.form.dataset.record;
    this.meter.value = 0;
    const files = new DataTransfer();
    files.items.add(new File([wav(this.pieces, this.context.sampleRate)], "recorded.wav", { type: "audio/wav" }));
    this.file.files = files.files;
    this.hear.hidden = false;
    this.told.textContent = this.form.dataset.recorded;
  }

  play() {
    const count = this.pieces.reduce((sum, piece) => sum + piece.length, 0);
    const buffer = this.context.createBuffer(1, Math.max(1, count), this.context.sampleRate);
    let at = 0;
    for (const piece of this.pieces) { buffer.copyToChannel(piece, 0, at); at += piece.length; }
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.context.destination);
    source.start();
  }
}

if (navigator.mediaDevices?.getUserMedia && window.AudioWorkletNode)
  for (const form of document.querySelectorAll("[data-recording]")) new Recorder(form);
