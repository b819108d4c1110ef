// Line numbers beside a long text, and a way to the line that a mistake names.
const editor = document.getElementById("editor");
const numbers = document.querySelector("[data-numbers]");

function count() {
  const lines = editor.value.split("\n").length;
  if (Number(numbers.dataset.lines) !== lines) {
    numbers.dataset.lines = lines;
    numbers.textContent = Array.from({ length: lines }, (_, n) => n + 1).join("\n");
  }
}

function show(line) {
  const lines = editor.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  editor.focus();
  editor.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  const height = parseFloat(getComputedStyle(editor).lineHeight);
  editor.scrollTop = Math.max(0, (line - 5) * height);
}

editor.addEventListener("input", count);
editor.addEventListener("scroll", () => { numbers.scrollTop = editor.scrollTop; });
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]");
  if (link) { event.preventDefault(); show(Number(link.dataset.line)); }
});
count();
const first = document.querySelector(".mistakes [data-line]");
if (first) show(Number(first.dataset.line));
