/* Lets a form made of kinds and rows change in place; it never decides what a field means.

   Choosing a kind, adding and removing a row, and leaving a field whose words are understood ask the
   server for the form with all that was typed, as the buttons do without this script, and put what
   came in place. What has the focus keeps it. */

const FETCH_MS_MAX = 10000;

const form = document.getElementById("record");
let asked = 0;

const ask = async (action) => {
  const body = new URLSearchParams(new FormData(form));
  body.set("action", action);
  const answer = await fetch(form.getAttribute("action"), {
    method: "POST",
    body,
    headers: { Accept: "text/html" },
    redirect: "manual",
    signal: AbortSignal.timeout(FETCH_MS_MAX),
  });
  if (answer.status !== 200) throw new Error(`answered ${answer.status}`);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
};

/* The whole form anew: rows and questions may have come or gone. */
const replace = (fresh) => {
  const next = fresh.getElementById("record");
  const open = new Set([...form.querySelectorAll("details[open] > summary")].map((part) => part.textContent));
  form.replaceChildren(...next.childNodes);
  for (const part of form.querySelectorAll("details > summary")) {
    if (open.has(part.textContent)) part.parentElement.open = true;
  }
  wire();
};

/* Only what is said about fields: the hand may be in another one meanwhile. */
const say = (fresh) => {
  for (const field of form.querySelectorAll(".field")) {
    const control = field.querySelector("[id][name]");
    const next = control && fresh.getElementById(control.id)?.closest(".field");
    if (!next || fresh.getElementById(control.id).value !== control.value) continue;
    for (const part of [".field__said", ".field__error"]) {
      const now = field.querySelector(part);
      const then = next.querySelector(part);
      if (now && then) now.replaceWith(then);
      else if (then) control.before(then);
      else if (now) now.remove();
    }
    const fault = next.dataset.state;
    if (fault) field.dataset.state = fault;
    else delete field.dataset.state;
    for (const name of ["aria-describedby", "aria-invalid"]) {
      const value = fresh.getElementById(control.id).getAttribute(name);
      if (value === null) control.removeAttribute(name);
      else control.setAttribute(name, value);
    }
  }
};

const change = async (action, focus) => {
  const number = ++asked;
  try {
    const fresh = await ask(action);
    if (number !== asked) return;
    replace(fresh);
    focus();
  } catch {
    /* No answer, or a page that is not the form: send it as it would be sent without script. */
    const button = document.createElement("button");
    Object.assign(button, { name: "action", value: action, hidden: true });
    form.append(button);
    form.requestSubmit(button);
  }
};

const understand = async () => {
  const number = ++asked;
  try {
    const fresh = await ask("show");
    if (number === asked) say(fresh);
  } catch {
    /* What was understood is said when the form is sent. */
  }
};

const wire = () => {
  const kind = document.getElementById("f-kind");
  document.getElementById("show").hidden = true;
  const show = () => change("show", () => document.getElementById("f-kind").focus());
  kind.addEventListener("change", show);
  /* Chosen before this script was here: on a slow line, or by a browser that fills in again. */
  const told = [...kind.options].find((option) => option.defaultSelected)?.value ?? "";
  if (kind.value !== told) show();
};

form?.addEventListener("click", (press) => {
  const button = press.target.closest("button[name=action]");
  if (button === null) return;
  const [what, name, number] = button.value.split(":");
  if (what !== "add" && what !== "remove") return;
  press.preventDefault();
  change(button.value, () => {
    const rows = document.getElementById(`f-${name}`);
    const kept = [...rows.querySelectorAll(":scope > .row")];
    const row = what === "add" ? kept.at(-1) : kept[Math.min(Number(number), kept.length - 1)];
    (row?.querySelector("input, select, textarea") ?? rows.querySelector("button") ?? rows).focus();
  });
});
form?.addEventListener("change", (event) => {
  if (event.target.matches("[data-said]")) understand();
});

if (form !== null) wire();
