// A pressed button shows that it works, and the scenarios' page follows its run. Without this file both work, less nicely.
"use strict";

document.addEventListener("submit", ({ submitter }) => submitter && submitter.setAttribute("aria-busy", "true"));
window.addEventListener("pageshow", () => document.querySelectorAll("[aria-busy]").forEach((it) => it.removeAttribute("aria-busy")));

const PAUSE = 1000;

async function follow() {
  const old = document.querySelector("#progress[data-running]");
  if (!old) return;
  try {
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const fresh = page.querySelector("#progress");
    for (const { id, open, dataset } of old.querySelectorAll("details[id]")) {
      const same = fresh.querySelector(`details[id="${id}"]`);
      if (same && open !== ("open" in dataset)) same.open = open; // somebody has turned it
    }
    old.replaceWith(fresh);
  } catch {
    // the service is away; the next look may find it
  }
  setTimeout(follow, PAUSE);
}

setTimeout(follow, PAUSE);
