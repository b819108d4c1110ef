// The seconds of each call in progress go on between two renewals.
const skew = { ms: null };

function tick() {
  for (const one of document.querySelectorAll("[data-since]")) {
    const since = Date.parse(one.dataset.since);
    if (one.dataset.seen !== "yes") {
      const [minutes, seconds] = one.textContent.split(":").map(Number);
      skew.ms = Date.now() - since - (60 * minutes + seconds) * 1000;
      one.dataset.seen = "yes";
    }
    const whole = Math.max(0, Math.floor((Date.now() - since - skew.ms) / 1000));
    one.textContent = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  }
}

setInterval(tick, 500);
