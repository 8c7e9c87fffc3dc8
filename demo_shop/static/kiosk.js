// The till's screen: ask the sidecar how the payment stands, and when it has moved, show the shop's page anew.
const EVERY = 2000, LONGEST = 15000, PATIENCE = 10000; // milliseconds
let pause = EVERY;

const till = () => document.getElementById("till");

async function fetched(url) {
  const answer = await fetch(url, {cache: "no-store", signal: AbortSignal.timeout(PATIENCE)});
  if (!answer.ok) throw new Error(`${answer.status} ${url}`);
  return answer;
}

async function look() {
  const {status, transaction_state} = await (await fetched(till().dataset.statusUrl)).json();
  if (till().dataset.seen === `${status} ${transaction_state}`) return;
  // Not a reload: with the shop away that would end on the browser's own error page, and nobody is there to press a key.
  const page = new DOMParser().parseFromString(await (await fetched(location.href)).text(), "text/html");
  till().replaceWith(page.getElementById("till"));
}

async function watch() {
  try {
    await look();
    pause = EVERY;
  } catch {
    pause = Math.min(pause * 2, LONGEST);
  }
  document.body.classList.toggle("offline", pause > EVERY);
  goOn();
}

function goOn() {
  if (till().dataset.statusUrl) setTimeout(watch, pause);
}

goOn();
