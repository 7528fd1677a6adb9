// What lies over a chat for a moment: toasts, alerts, a picture in full size.

import { el } from "./dom.js";

const TOAST_MS = 3200;

export function toast(place, content, ms = TOAST_MS) {
  place.querySelector(".toast")?.remove();
  const node = el("div", { class: "toast", role: "status" }, ...[content].flat());
  place.append(node);
  setTimeout(() => node.classList.add("leaving"), ms);
  setTimeout(() => node.remove(), ms + 300);
}

export function alertIn(place, title, text, ok, onOk) {
  const close = () => veil.remove();
  const button = el("button", { type: "button", onclick: () => { close(); onOk?.(); } }, ok);
  const box = el("div", { class: "alert", role: "alertdialog" }, el("strong", {}, title), el("p", {}, text), el("div", {}, button));
  const veil = el("div", { class: "veil", onclick: (event) => event.target === veil && close() }, box);
  veil.addEventListener("keydown", (event) => event.key === "Escape" && close());
  place.append(veil);
  button.focus();
}

export function zoomIn(url) {
  const node = el("div", { class: "zoom", onclick: () => node.remove() }, el("img", { src: url, alt: "" }));
  document.body.append(node);
}
