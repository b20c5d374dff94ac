/* Keeps an open page at the newest position of the log; it never decides what a record means.

   The stream only says that something changed. The page's own address is then asked again, and
   placing.js puts the answer in place.
   Why it works this way: docs/decisions/0003-live-pages.md */

const RETRY_MS_MIN = 1000;
const RETRY_MS_MAX = 30000;
const REFRESH_MS_MIN = 1000;
const FETCH_MS_MAX = 10000;
const BEHIND_TRIES_MAX = 5;
const BEHIND_MS = 200;

const page = document.body;
const line = document.getElementById("live");
const words = JSON.parse(line.dataset.words); // in the language of the page
const concerns = new Set((page.dataset.concerns ?? "").split(" ").filter(Boolean));

let seen = Number(page.dataset.position); // the newest position announced
let source = null;
let retryTimer = 0;
let attempts = 0;
let isLost = false; // the stream, whichever tab holds it
let missed = 0; // how often the page could not be had
let missedTimer = 0;
let refreshing = null; // the refresh under way
let again = false;

/* ---------- the live line ---------- */

const filled = (text, values) => text.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
const say = (state, ...parts) => {
  line.dataset.state = state;
  line.replaceChildren(...parts);
};
const sayLive = () => {
  if (!isLost && missed === 0) say("live", filled(words.live, { position: seen }));
};
const sayStale = () => {
  if (line.dataset.state === "stale") return;
  const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  say("stale", filled(words.stale, { time }));
};
const sayEnded = (says, offers) => {
  rest();
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = offers;
  say("stale", `${says} `, link);
  return link;
};
const saySignedOut = () => sayEnded(words.loggedOut, words.logIn);
const sayWentBack = () => {
  stopped = true;
  sayEnded(words.wentBack, words.reload).addEventListener("click", (press) => {
    press.preventDefault(); // an address with a fragment would not be asked again
    location.reload();
  });
};

/* ---------- the stream: one per browser, shared by its tabs ---------- */

/* One visible tab leads: it holds the lock and the stream, and tells the others what it hears. Where
   a browser offers neither lock nor channel (plain http in a network), each tab has its own. */
const LEAD = `article20 ${page.dataset.stream}`;
const tabs = navigator.locks && window.BroadcastChannel ? new BroadcastChannel(LEAD) : null;
let queued = null; // asks for the lead, until it is given up
let yieldLead = null; // gives the lead up
let stopped = false; // the page shows another moment than now

const follow = () => {
  if (document.hidden || stopped) return;
  if (tabs === null) {
    open();
  } else if (queued === null) {
    queued = new AbortController();
    const lead = () =>
      new Promise((done) => {
        yieldLead = done;
        open();
      });
    navigator.locks.request(LEAD, { signal: queued.signal }, lead).catch(() => {}); // given up unled
    tabs.postMessage({ kind: "hello" });
  }
};

const open = () => {
  if (source !== null) return;
  clearTimeout(retryTimer);
  source = new EventSource(`${page.dataset.stream}?after=${seen}`);
  source.addEventListener("open", () => {
    attempts = 0;
    tabs?.postMessage({ kind: "live", position: seen });
    heardLive();
  });
  source.addEventListener("views", (message) => {
    const views = JSON.parse(message.data);
    tabs?.postMessage({ kind: "views", ...views });
    heard(views);
  });
  source.addEventListener("error", () => {
    tabs?.postMessage({ kind: "lost" });
    isLost = true;
    sayStale();
    /* A browser mends a broken stream by itself, but not one that was answered with an error. */
    if (source?.readyState === EventSource.CLOSED) retryLater();
  });
};

const heardLive = () => {
  isLost = false;
  if (line.dataset.state === "stale") catchUp(); // what was missed meanwhile
  sayLive();
};

const heard = (views) => {
  isLost = false;
  seen = Math.max(seen, views.position);
  sayLive();
  const concerned = concerns.size === 0 || views.governments.some((code) => concerns.has(code));
  if (concerned && !document.hidden) catchUp();
};

tabs?.addEventListener("message", ({ data }) => {
  if (stopped) return;
  if (data.kind === "hello" && source !== null) {
    tabs.postMessage(isLost ? { kind: "lost" } : { kind: "live", position: seen });
  } else if (data.kind === "live" && source === null) {
    heardLive();
    if (data.position > seen) {
      seen = data.position;
      if (!document.hidden) catchUp();
    }
  } else if (data.kind === "views") {
    heard(data);
  } else if (data.kind === "lost") {
    isLost = true;
    sayStale();
  }
});

const hangUp = () => {
  clearTimeout(retryTimer);
  source?.close();
  source = null;
};

const rest = () => {
  hangUp();
  isLost = true;
  clearTimeout(missedTimer);
  queued?.abort();
  queued = null;
  yieldLead?.();
  yieldLead = null;
};

const retryLater = () => {
  hangUp();
  retryTimer = setTimeout(async () => {
    if (await refresh()) open();
    else if (await isBeyond()) sayWentBack();
    else if (source === null && line.querySelector("a") === null) retryLater();
  }, backoff(attempts++));
};

/* Whether the log ends before what this page has seen: an older backup was restored. */
const isBeyond = async () => {
  const asked = new AbortController();
  setTimeout(() => asked.abort(), FETCH_MS_MAX);
  return fetch(`${page.dataset.stream}?after=${seen}`, { signal: asked.signal })
    .then((answer) => answer.status === 409)
    .catch(() => false) // no connection: it is tried again
    .finally(() => asked.abort()); // a stream that opened would go on
};

/* ---------- asking the page again ---------- */

const backoff = (tries) => Math.random() * Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** tries);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* One at a time and at most one a second; true when the page holds what was announced. */
const refresh = () => {
  if (refreshing !== null) {
    again = true;
    return refreshing;
  }
  const run = async () => {
    again = false;
    const reached = await fetchPage();
    if (!again) return reached;
    await pause(REFRESH_MS_MIN);
    return run();
  };
  refreshing = run().finally(() => {
    refreshing = null;
  });
  return refreshing;
};

/* A stream that holds does not say that the page can be had: until it is, that is told and tried. */
const catchUp = async () => {
  const reached = await refresh();
  clearTimeout(missedTimer);
  if (stopped) return;
  missed = reached || line.querySelector("a") !== null ? 0 : missed + 1;
  if (missed === 0) return sayLive();
  sayStale();
  if (!document.hidden) missedTimer = setTimeout(catchUp, backoff(missed - 1));
};

const fetchPage = async () => {
  const announced = seen; // what comes meanwhile asks anew, where it concerns the page
  for (let tries = 0; tries < BEHIND_TRIES_MAX; tries += 1) {
    let text;
    try {
      const answer = await fetch(location.href, {
        cache: "no-cache", // the browser asks with If-None-Match and keeps what is unchanged
        headers: { Accept: "text/html" },
        signal: AbortSignal.timeout(FETCH_MS_MAX),
      });
      if (answer.redirected || answer.status === 401 || answer.status === 403) {
        saySignedOut();
        return false;
      }
      if (!answer.ok) return false;
      text = await answer.text();
    } catch {
      return false; // no connection: the stream says so and is tried again
    }
    const fresh = new DOMParser().parseFromString(text, "text/html");
    if (Number(fresh.body.dataset.position) >= announced) {
      seen = Math.max(seen, Number(fresh.body.dataset.position));
      if (line.dataset.state === "live") sayLive();
      document.dispatchEvent(new CustomEvent("article20:fresh", { detail: fresh }));
      return true;
    }
    await pause(BEHIND_MS); // a replica that has not seen it yet
  }
  return false;
};

/* A hidden page keeps no connection; it catches up when it is looked at again. */
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return rest();
  if (stopped) return;
  if (missed > 0 || Number(page.dataset.position) < seen) catchUp(); // heard of while hidden
  follow();
});
document.addEventListener("article20:moved", () => {
  stopped = true;
  rest();
});
addEventListener("pagehide", rest);
addEventListener("pageshow", follow);

/* Countdowns move on at midnight UTC. */
const atMidnight = () => {
  const left = new Date().setUTCHours(24, 0, 0, 0) - Date.now();
  setTimeout(() => {
    catchUp();
    atMidnight();
  }, left + 5000 * Math.random());
};
atMidnight();
follow();
