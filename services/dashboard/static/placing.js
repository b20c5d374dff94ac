/* Puts what a page says now in the place of what it shows, and tells the reader what changed; it
   never asks for anything.

   Regions marked data-live are put in place: "quiet" ones at once, "asked" ones (lists, which would
   move under the reader) when the reader presses Show. A notice names what changed.
   Why it works this way: docs/decisions/0003-live-pages.md */

const page = document.body;
const news = document.getElementById("news");
const words = JSON.parse(document.getElementById("live").dataset.words); // in the language of the page

let partsAdded = false;

/* What the server last sent for each region, and what waits for the reader. */
const shown = new Map();
const held = new Map();
for (const region of document.querySelectorAll("[data-live]")) shown.set(region.id, region.innerHTML);

/* What the reader was last told: values by id, records by claim. */
const told = new Map();
const known = new Set();
const newer = new Map();
const remember = () => {
  for (const claim of newer.keys()) known.add(claim);
  told.clear();
  newer.clear();
  for (const item of document.querySelectorAll("[data-says]")) told.set(item.id, item.dataset.says);
  for (const item of document.querySelectorAll("[data-record]")) known.add(item.dataset.record);
};
remember();

const filled = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);

const put = (fresh) => {
  page.dataset.position = fresh.body.dataset.position;
  const said = changes(fresh);
  steadily(() => {
    for (const next of fresh.querySelectorAll("[data-live]")) {
      const region = document.getElementById(next.id);
      if (region === null) {
        partsAdded = true;
      } else if (shown.get(next.id) === next.innerHTML) {
        held.delete(next.id);
      } else if (region.dataset.live === "asked") {
        held.set(next.id, next);
      } else {
        swap(region, next);
      }
    }
  });
  if (said.length > 0 || held.size > 0 || partsAdded) notify(said);
};

const swap = (region, next) => {
  const focus = region.contains(document.activeElement) ? selectorOf(document.activeElement) : null;
  const open = [...region.querySelectorAll("details")].map((details) => details.open);
  shown.set(region.id, next.innerHTML);
  region.replaceChildren(...next.cloneNode(true).childNodes);
  region.querySelectorAll("details").forEach((details, index) => {
    details.open = open[index] ?? details.open;
  });
  if (focus !== null) region.querySelector(focus)?.focus({ preventScroll: true });
};

const selectorOf = (element) => {
  if (element.id) return `#${CSS.escape(element.id)}`;
  const address = element.getAttribute("href");
  return address ? `[href="${CSS.escape(address)}"]` : element.localName;
};

/* What the reader looks at stays where it is on the screen. */
const steadily = (change) => {
  const top = (id) => document.getElementById(id)?.getBoundingClientRect().top;
  const anchor = [...document.querySelectorAll("main [id]")].find((item) => top(item.id) >= 0)?.id;
  const before = anchor && top(anchor);
  change();
  const after = anchor && top(anchor);
  if (scrollY > 0 && after !== undefined && after !== before) {
    scrollBy({ top: after - before, behavior: "instant" });
  }
};

/* ---------- the notice ---------- */

const TITLE = "a.claim, a .claim, th .claim"; // not a date that is set like one
const titleOf = (item) => item.querySelector(TITLE)?.textContent.trim() ?? "";
const nameOf = (item) => item.dataset.saysName ?? titleOf(item);

const changes = (fresh) => {
  const said = [];
  for (const item of fresh.querySelectorAll("[data-record]")) {
    if (known.has(item.dataset.record)) continue;
    newer.set(item.dataset.record, titleOf(item));
  }
  const values = { count: newer.size, title: [...newer.values()][0] };
  if (newer.size > 0) said.push(filled(newer.size === 1 ? words.newer : words.newerSeveral, values));
  for (const item of fresh.querySelectorAll("[data-says]")) {
    const before = told.get(item.id);
    const now = item.dataset.says;
    if (before !== undefined && before !== now) said.push(`${nameOf(item)} ${before} → ${now}`);
  }
  return said;
};

const button = (label, name, press) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "toast__button";
  made.textContent = label;
  if (name) made.setAttribute("aria-label", name);
  made.addEventListener("click", press);
  return made;
};

const dismiss = () => {
  remember();
  news.replaceChildren();
};

const showHeld = () => {
  const [first] = newer.keys();
  for (const [id, next] of held) swap(document.getElementById(id), next);
  held.clear();
  dismiss();
  const row = first && document.querySelector(`[data-record="${CSS.escape(first)}"]`);
  row?.scrollIntoView({ block: "center", behavior: "instant" });
  row?.querySelector("a")?.focus({ preventScroll: true });
};

const notify = (sentences) => {
  const text = document.createElement("span");
  // A record may end with its own full stop, or with a question mark.
  const said = sentences.map((one) => (/[.?!…]$/.test(one) ? one : `${one}.`)).join(" ");
  text.textContent = said || words.moved;
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.append(text);
  if (partsAdded) toast.append(button(words.reload, "", () => location.reload()));
  else if (held.size > 0) toast.append(button(words.show, "", showHeld));
  toast.append(button("×", words.close, dismiss));
  news.replaceChildren(toast);
};

document.addEventListener("article20:fresh", ({ detail }) => put(detail));
