/* Lets a slider move the first clock without a reload; it never changes what an address means.

   Each day that the slider rests on is asked for at its own address, one at a time and the newest
   first, and put in place of what is shown. Without this script the date fields and the buttons do
   the same. */

const DAY_MS = 86_400_000;

let wanted = null; // the address to show next
let busy = false;

const dayOf = (slider) =>
  new Date(Date.parse(slider.dataset.start) + DAY_MS * Number(slider.value)).toISOString().slice(0, 10);

const words = (day) =>
  new Date(day).toLocaleDateString(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang, {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });

const addressOf = (day, today) => {
  const address = new URL(location.href);
  address.searchParams.delete("step");
  address.searchParams.delete("cursor");
  if (day === today) address.searchParams.delete("on");
  else address.searchParams.set("on", day);
  return address.href;
};

const moved = (slider) => {
  const day = dayOf(slider);
  slider.setAttribute("aria-valuetext", words(day));
  const field = document.getElementById(slider.dataset.slide);
  if (field !== null) field.value = words(day);
  wanted = addressOf(day, slider.dataset.today);
  if (!busy) show(slider);
};

const show = async (slider) => {
  busy = true;
  while (wanted !== null) {
    const address = wanted;
    wanted = null;
    let answer;
    try {
      answer = await fetch(address, { headers: { Accept: "text/html" } });
    } catch {
      break; // no connection: what is shown stays, and the next move asks again
    }
    if (!answer.ok || answer.redirected) {
      location.assign(address);
      return;
    }
    put(new DOMParser().parseFromString(await answer.text(), "text/html"), address, slider);
  }
  busy = false;
};

/* Makes one element say what another says, and leaves alone what says the same already: what did
   not change is neither styled nor laid out nor painted anew. A list that was opened stays open,
   and a slider stays as it is. */
const match = (now, next) => {
  if (now.matches("input[data-slide]")) return;
  for (const { name, value } of next.attributes) {
    if (name !== "open" && now.getAttribute(name) !== value) now.setAttribute(name, value);
  }
  for (const name of now.getAttributeNames()) {
    if (name !== "open" && !next.hasAttribute(name)) now.removeAttribute(name);
  }
  matchAll(now, next);
};

const matchAll = (now, next) => {
  const old = [...now.childNodes];
  const wanted = [...next.childNodes];
  wanted.forEach((part, index) => {
    const held = old[index];
    if (held === undefined) now.append(part);
    else if (held.nodeName !== part.nodeName || held.id !== part.id) held.replaceWith(part);
    else if (held.isEqualNode(part)) return;
    else if (held.nodeType === Node.ELEMENT_NODE) match(held, part);
    else held.nodeValue = part.nodeValue;
  });
  for (const part of old.slice(wanted.length)) part.remove();
};

/* The page of another day in place of this one; the slider that is held stays where it is. */
const put = (fresh, address, slider) => {
  history.replaceState(null, "", address);
  document.title = fresh.title;
  document.body.dataset.position = fresh.body.dataset.position;
  document.dispatchEvent(new Event("article20:moved")); // nothing follows a page that is not now
  matchAll(document.getElementById("main"), fresh.getElementById("main"));
  for (const part of [".clocks > summary", ".nav", "#live", ".clocks__presets", ".foot"]) {
    const next = fresh.querySelector(part);
    const now = document.querySelector(part);
    if (next !== null && now !== null && !now.isEqualNode(next)) now.replaceWith(next);
  }
  document.querySelector(".clockbar").dataset.mode = fresh.querySelector(".clockbar").dataset.mode;
  for (const other of document.querySelectorAll("input[data-slide]")) {
    const next = fresh.getElementById(other.id);
    if (other === slider || next === null) continue;
    Object.assign(other, { min: next.min, max: next.max });
    other.dataset.start = next.dataset.start;
    other.value = next.getAttribute("value");
  }
  wire();
};

const wire = () => {
  for (const slider of document.querySelectorAll("input[data-slide]")) {
    if (!slider.hidden) continue;
    slider.hidden = false;
    slider.setAttribute("aria-valuetext", words(dayOf(slider)));
    slider.addEventListener("input", () => moved(slider));
    /* Where the page has come back to now, it is loaded anew, so that it follows again. */
    slider.addEventListener("change", () => {
      if (dayOf(slider) === slider.dataset.today) location.assign(addressOf(dayOf(slider), slider.dataset.today));
    });
  }
};

wire();
