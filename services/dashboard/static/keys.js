/* Keys on every page; each does what a visible control does too, and none is needed.

   Escape twice leaves at once: the page is emptied, the login ends, and a blank page takes its place,
   so that Back does not show it. Without this script the button sends the same as a form. */

const TWICE_MS_MAX = 600;

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
