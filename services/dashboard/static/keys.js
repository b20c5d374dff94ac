/* Keys on every page; each does what a visible control does too, and none is needed.

   Escape twice leaves at once: the page is emptied, the login ends, and a blank page takes its place,
   so that Back does not show it. Single keys press, choose or focus what is marked data-key; they rest
   while somebody types, and can be put off on the page that lists them. */

const TWICE_MS_MAX = 600;
const PAUSE_MS = 150;
const OFF = "article20-keys-off";

/* ---------- leaving ---------- */

let escapedAt = -Infinity;

const leave = () => {
  const form = document.getElementById("leave");
  document.documentElement.replaceChildren();
  if (form === null) return;
  /* The request outlives the page; nothing waits for its answer. */
  fetch(form.action, { method: "POST", keepalive: true, redirect: "manual" }).catch(() => {});
  location.replace("about:blank");
};

document.getElementById("leave")?.addEventListener("submit", (press) => {
  press.preventDefault();
  leave();
});

document.addEventListener("keydown", (press) => {
  if (press.key !== "Escape" || press.repeat) return;
  if (press.timeStamp - escapedAt <= TWICE_MS_MAX) leave();
  escapedAt = press.timeStamp;
});

/* A page that a browser kept whole and shows again asks for itself anew. */
addEventListener("pageshow", (shown) => {
  if (shown.persisted) location.reload();
});

/* ---------- whether single keys work ---------- */

const stored = (change) => {
  try {
    return change(localStorage);
  } catch {
    return null; // a browser that keeps nothing: keys work, and putting them off lasts for the page
  }
};
let off = stored((kept) => kept.getItem(OFF)) !== null;

const choice = document.getElementById("keys-on");
if (choice !== null) {
  choice.closest("label").hidden = false;
  document.getElementById("keys-off").hidden = true;
  choice.checked = !off;
  choice.addEventListener("change", () => {
    off = !choice.checked;
    stored((kept) => (off ? kept.setItem(OFF, "1") : kept.removeItem(OFF)));
  });
}

/* ---------- single keys ---------- */

const palette = document.getElementById("palette");
const input = document.getElementById("find");
const isOpen = (part) => part?.matches(":popover-open") ?? false;
const isTyped = (element) =>
  element.closest("input:not([type=radio], [type=checkbox], [type=submit]), textarea, select, [contenteditable]") !== null;

const openPalette = () => {
  if (!isOpen(palette)) palette?.showPopover();
  input?.select();
};

/* What is marked with a key: a link or a button is pressed, a choice is made and what follows it is
   focused, anything else is focused so that it is read. */
const press = (marked) => {
  if (marked.matches("a, button")) {
    marked.click();
  } else if (marked.matches("input")) {
    marked.checked = true;
    const next = document.getElementById(marked.dataset.then);
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  } else {
    marked.focus();
  }
};

/* In a list, j and k go from row to row. */
const step = (by) => {
  const rows = [...document.querySelectorAll("main [data-record] a.claim")];
  const at = rows.findIndex((row) => row === document.activeElement);
  rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : at + by]?.focus();
};

document.addEventListener("keydown", (pressed) => {
  const { key, ctrlKey, metaKey, altKey } = pressed;
  if (altKey || pressed.isComposing) return;
  if ((ctrlKey || metaKey) && key.toLowerCase() === "k") {
    pressed.preventDefault();
    openPalette();
    return;
  }
  if (ctrlKey || metaKey || off || isTyped(pressed.target)) return;
  if (document.querySelector(":popover-open") !== null) return;
  const marked = document.querySelector(`main [data-key="${CSS.escape(key)}"]`);
  if (key === "/") openPalette();
  else if (key === "?") document.getElementById("keys")?.showPopover();
  else if (marked !== null) press(marked);
  else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
  else return;
  pressed.preventDefault();
});

/* ---------- the palette: what fits, while one types ---------- */

const results = document.getElementById("results");
let timer = 0;
let asked = null;

const look = async () => {
  asked?.abort();
  asked = new AbortController();
  const query = new URLSearchParams(new FormData(input.form));
  query.delete("go"); // Enter goes to the one government that is meant; looking goes nowhere
  let text;
  try {
    const answer = await fetch(`${input.form.action}?${query}`, {
      headers: { Accept: "text/html" },
      signal: asked.signal,
    });
    if (!answer.ok || answer.redirected) return;
    text = await answer.text();
  } catch {
    return; // typed on, or no connection: Enter asks for the page itself
  }
  const found = new DOMParser().parseFromString(text, "text/html").getElementById("found");
  if (found === null) return;
  for (const heading of found.querySelectorAll("[id]")) heading.removeAttribute("id");
  for (const part of found.querySelectorAll("[aria-labelledby]")) part.removeAttribute("aria-labelledby");
  results.replaceChildren(...found.childNodes);
};

if (input !== null && results !== null) {
  input.removeAttribute("list");
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
  palette.addEventListener("toggle", (turned) => {
    if (turned.newState === "open") look();
  });
  /* Up and down go through what was found. */
  palette.addEventListener("keydown", (pressed) => {
    if (pressed.key !== "ArrowDown" && pressed.key !== "ArrowUp") return;
    const found = [input, ...results.querySelectorAll("a")];
    const at = found.indexOf(document.activeElement);
    found[at + (pressed.key === "ArrowDown" ? 1 : -1)]?.focus();
    pressed.preventDefault();
  });
}
