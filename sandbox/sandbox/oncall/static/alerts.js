// Keeps the page current: asks for it again every two seconds and swaps what changed. Forms and links work without it.
const EVERY_MS = 2000;

async function refresh() {
  if (document.hidden || document.activeElement?.closest("form.fault")) return;
  const answer = await fetch("/alerts");
  if (!answer.ok) throw new Error(answer.statusText);
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  const open = new Set([...document.querySelectorAll("details[open]")].map((one) => one.id));
  for (const id of ["head", "board"]) {
    const fresh = next.getElementById(id);
    for (const one of fresh.querySelectorAll("details")) one.open = open.has(one.id);
    const shown = document.getElementById(id);
    if (!shown.isEqualNode(fresh)) shown.replaceWith(fresh);
  }
  document.title = next.title;
}

setInterval(() => {
  refresh().then(
    () => document.body.classList.remove("lost"),
    () => document.body.classList.add("lost"),
  );
}, EVERY_MS);
