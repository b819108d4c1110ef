// What every page does: live updates, keyboard, drafts that survive a lost session, what was done in words.
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
const told = document.getElementById("told");
const person = meta("person");
const DRAFT_DAYS = 2;

// --- what was done ---------------------------------------------------------------------------------------------
function tell(text, { bad = false, link = "" } = {}) {
  const box = document.createElement("div");
  box.className = `tell ${bad ? "bad" : ""}`;
  const words = document.createElement("p");
  words.textContent = text;
  box.append(words);
  if (link) {
    const a = document.createElement("a");
    a.href = link;
    a.className = "button";
    a.textContent = told.dataset.open;
    box.append(a);
  }
  told.append(box);
  dress();
  return box;
}

document.addEventListener("tell", (event) => tell(event.detail.text, event.detail));

function dress() {
  for (const box of told.querySelectorAll(".tell:not([data-dressed])")) {
    box.dataset.dressed = "yes";
    const close = document.createElement("button");
    close.className = "icon";
    close.textContent = "×";
    close.setAttribute("aria-label", told.dataset.close);
    close.addEventListener("click", () => box.remove());
    box.append(close);
    if (!box.classList.contains("bad") && !box.dataset.stays) setTimeout(() => box.remove(), 12000);
  }
}

// --- drafts: whatever is typed is kept in this browser until it is sent ----------------------------------------------
const scope = document.querySelector("[data-card]")?.dataset.card ?? location.pathname;
const keyOf = (form) => `draft ${person} ${form.getAttribute("action") ?? scope} ${form.dataset.draft}`;
const isBox = (field) => field.type === "checkbox" || field.type === "radio";
const slot = (field) => (field.type === "checkbox" ? `${field.name}=${field.value}` : field.name);
const stateOf = (field) => (isBox(field) ? field.checked : field.value);

function keep(form) {
  const values = {};
  for (const field of form.elements) {
    if (!field.name || ["hidden", "password", "file"].includes(field.type)) continue;
    if (field.type === "radio") { if (field.checked) values[field.name] = field.value; }
    else values[slot(field)] = stateOf(field);
  }
  const seen = form.querySelector("input[type=hidden][name=seen]")?.value;
  localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), values, seen }));
}

function restore(form) {
  const kept = JSON.parse(localStorage.getItem(keyOf(form)) ?? "null");
  if (!kept) return false;
  let changed = false;
  for (const field of form.elements) {
    if (!field.name || !(slot(field) in kept.values)) continue;
    const value = kept.values[slot(field)];
    const before = stateOf(field);
    if (field.type === "radio") field.checked = field.value === value;
    else if (isBox(field)) field.checked = value;
    else field.value = value;
    changed ||= before !== stateOf(field);
  }
  if (changed) form.closest("details")?.setAttribute("open", "");
  // Typed over an older version: the server is to see that, and to ask before it takes back what others changed.
  const seen = form.querySelector("input[type=hidden][name=seen]");
  if (shownAgain === keyOf(form)) keep(form);
  else if (changed && seen && kept.seen) seen.value = kept.seen;
  return changed;
}

function restoreAll(root) {
  let changed = false;
  for (const form of root.querySelectorAll("form[data-draft]")) {
    changed = (restore(form) && !("keep" in form.dataset)) || changed;
    demand(form);
  }
  return changed;
}

// A plain form that was sent. Led on to another page, it was kept and its draft goes. Shown again in place, it was refused
// or only tried: the draft stays. On a page of a fault, and at the door, nobody is signed in: it stays as well.
let shownAgain = "";
function forgetSent() {
  const sent = sessionStorage.getItem("sent");
  sessionStorage.removeItem("sent");
  const [arrival] = performance.getEntriesByType("navigation");
  if (!sent || !person || arrival.type === "back_forward") return;
  if (arrival.redirectCount) localStorage.removeItem(sent);
  else shownAgain = sent;
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("form[data-draft][action]:not([data-keep])")) sessionStorage.setItem("sent", keyOf(form));
});
addEventListener("pageshow", (event) => { if (event.persisted) sessionStorage.removeItem("sent"); });

function forgetOld() {
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith("draft ")) continue;
    const { at } = JSON.parse(localStorage.getItem(key) ?? "{}");
    if (!at || Date.now() - at > DRAFT_DAYS * 864e5) localStorage.removeItem(key);
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-draft]");
  if (form) { keep(form); demand(form); }
  event.target.removeAttribute?.("aria-invalid");
});
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-draft]");
  if (form) { keep(form); demand(form); }
});
document.body.addEventListener("wrote", (event) => {
  const form = event.detail.form;
  if (form) localStorage.removeItem(`draft ${person} ${scope} ${form}`);
});
document.addEventListener("submit", (event) => {
  if (!("signOut" in event.target.dataset)) return;
  for (const key of Object.keys(localStorage)) if (key.startsWith("draft ")) localStorage.removeItem(key);
});

// --- the form's own rules: what a chosen result demands is shown and required ----------------------------------------
function demand(form) {
  if (!("demands" in form.dataset)) return;
  const chosen = new Set();
  for (const select of form.querySelectorAll("select")) {
    const option = select.selectedOptions[0];
    if (option?.dataset.demands && !select.closest("[hidden]")) chosen.add(option.dataset.demands);
  }
  for (const part of form.querySelectorAll("[data-when]")) part.hidden = !chosen.has(part.dataset.when);
  for (const part of form.querySelectorAll("[data-unless]")) part.hidden = chosen.has(part.dataset.unless);
  for (const field of form.elements) {
    if ("required" in field.dataset) field.required = !field.closest("[hidden]");
    if (field.dataset.requiredWhen) field.required = chosen.has(field.dataset.requiredWhen);
  }
  const button = form.querySelector("button.main");
  if (!button?.dataset.label) return;
  const special = ["planned_time", "executor"].find((one) => chosen.has(one));
  button.textContent = (special && button.getAttribute(`data-label-${special}`)) || button.dataset.label;
}

// --- htmx: nothing is lost when parts are renewed -----------------------------------------------------------------------
const FOCUSABLE = "a, button, summary, input, select, textarea";
const said = new Map();
let focused = null;
let openRows = [];
let openParts = [];
const named = (element) => [element.tagName, element.name ?? "", element.dataset.row ?? element.textContent.trim()].join("|");

function remember(target) {
  const active = document.activeElement;
  focused = target?.contains(active) && active.matches(FOCUSABLE) ? named(active) : null;
  openRows = [...document.querySelectorAll(".row.open a")].map((a) => a.dataset.row);
  openParts = [...(target?.querySelectorAll("details[open] > summary") ?? [])].map((one) => one.textContent);
}

function recall() {
  for (const row of openRows) document.querySelector(`[data-row="${row}"]`)?.closest(".row").classList.add("open");
  for (const summary of document.querySelectorAll("#acts details > summary"))
    if (openParts.includes(summary.textContent)) summary.parentElement.open = true;
  restoreAll(document);
  if (focused) [...document.querySelectorAll(FOCUSABLE)].find((one) => named(one) === focused)?.focus({ preventScroll: true });
  dress();
}

document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { target, xhr, requestConfig } = event.detail;
  if (requestConfig?.headers["X-Renews"]) {
    if (said.get(target.id) === xhr.responseText) event.detail.shouldSwap = false;
    said.set(target.id, xhr.responseText);
  } else said.clear();
  remember(target);
});
document.body.addEventListener("htmx:afterSwap", recall);
document.body.addEventListener("htmx:oobAfterSwap", () => { restoreAll(document); dress(); });
document.body.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (xhr.status === 401) { location.href = xhr.getResponseHeader("HX-Redirect") ?? "/sign-in"; return; }
  const code = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector("[data-code]")?.dataset.code;
  const field = code && event.detail.elt.querySelector?.(`[data-fault~="${code}"]`);
  if (field) { field.setAttribute("aria-invalid", "true"); field.focus(); }
});
document.body.addEventListener("htmx:sendError", () => tell(told.dataset.offline, { bad: true }));

// --- live -------------------------------------------------------------------------------------------------------------------
let offline = null;
let renewing = 0;
function renew() {
  clearTimeout(renewing);
  renewing = setTimeout(() => {
    for (const part of document.querySelectorAll("[data-renews], #acts")) {
      const busy = part.contains(document.activeElement) && document.activeElement.closest("form");
      if (busy) setTimeout(renew, 2000);
      else if (window.htmx) window.htmx.trigger(part, "renew");
    }
  }, 300);
}

// Words grow several times a second: the board is renewed at once, then at most once a second.
let boardAt = 0;
let boardWaits = 0;
function renewBoard() {
  clearTimeout(boardWaits);
  boardWaits = setTimeout(() => {
    boardAt = Date.now();
    const board = document.getElementById("board");
    if (board && !board.contains(document.activeElement?.closest("form"))) window.htmx?.trigger(board, "renew");
  }, Math.max(0, boardAt + 1000 - Date.now()));
}

function hear(news) {
  if (news.action === "board") { renewBoard(); return; }
  const here = document.querySelector("[data-card]")?.dataset.card;
  if (news.action === "signed_out") {
    tell(told.dataset.signedOut, { bad: true, link: `/sign-in?next=${encodeURIComponent(location.pathname)}` });
  } else if (news.action === "call_refused") {
    if (news.callback === here) tell(news.sentence || told.dataset.offline, { bad: true });
  } else if (news.action === "notice") {
    const words = told.getAttribute(`data-notice-${news.kind.replaceAll("_", "-")}`);
    if (words && news.subject !== here) tell(words, { link: `/callbacks/${news.subject}` });
  }
  const about = news.callback;
  if (!here || !about || about === here) renew();
}

// A browser tries again by itself when the line is cut, but never after an answer such as 502: then we do.
const SOON = 5000;
const LATEST = 60000;
let source = null;
let retry = 0;
let pause = SOON;
const noteOffline = () => { offline ??= tell(told.dataset.offline, { bad: true }); };

function connect() {
  source = new EventSource(document.body.dataset.live);
  source.addEventListener("message", (event) => {
    const news = JSON.parse(event.data);
    if (news.action === "signed_out") source.close();
    hear(news);
  });
  source.addEventListener("open", () => {
    pause = SOON;
    if (offline) { offline.remove(); offline = null; renew(); }
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) {
      noteOffline();
      retry = setTimeout(connect, pause);
      pause = Math.min(2 * pause, LATEST);
    } else setTimeout(() => { if (source.readyState === EventSource.CONNECTING) noteOffline(); }, 4000);
  });
}

function listen() {
  if (!document.body.dataset.live) return;
  connect();
  addEventListener("pagehide", () => { clearTimeout(retry); source.close(); });
  addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
  setInterval(() => { if (!document.hidden) renew(); }, 30000);
}

// --- keyboard --------------------------------------------------------------------------------------------------------------
const typing = (element) => element.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, audio, [contenteditable]");
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest?.("details.me[open], details.pick[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); return; }
  if (event.altKey || event.ctrlKey || event.metaKey || typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const rows = [...document.querySelectorAll("[data-row]")];
  const at = rows.indexOf(document.activeElement);
  const step = { KeyJ: 1, ArrowDown: 1, KeyK: -1, ArrowUp: -1 }[event.code];
  if (rows.length && step && (event.code.startsWith("Key") || at >= 0)) {
    event.preventDefault();
    rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)].focus();
  } else if (event.code === "Space" && at >= 0) {
    event.preventDefault();
    rows[at].closest(".row").classList.toggle("open");
  } else if (event.code === "KeyP" && at >= 0) {
    location.href = rows[at].href;
  } else if (event.code === "Slash") {
    const search = document.querySelector("[data-search]");
    if (search) { event.preventDefault(); search.focus(); }
  } else {
    const button = document.querySelector(`[data-key="${event.code}"]:not(:disabled)`);
    if (button) { event.preventDefault(); button.click(); }
  }
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  if (event.target.matches("[data-copy]")) event.target.select();
  for (const menu of document.querySelectorAll("details.me[open], details.pick[open]"))
    if (!menu.contains(event.target)) menu.open = false;
});

for (const here of document.querySelectorAll(".side [aria-current], .bar nav [aria-current], .filters.long [aria-current]"))
  here.scrollIntoView({ block: "nearest", inline: "center" });
forgetOld();
forgetSent();
if (restoreAll(document)) tell(told.dataset.restored);
dress();
listen();
