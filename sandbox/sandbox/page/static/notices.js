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

// Asks for a name, and maybe for one of some choices (`[value, text]`); nothing happens without a name.
export function askIn(place, { title, label, choices = [], ok, cancel }, onOk) {
  const close = () => veil.remove();
  const field = el("input", { maxlength: "64", required: true, autocomplete: "off", "aria-label": label, placeholder: label });
  const kinds = choices.map(([value, text], index) => el("label", { class: "choice" }, el("input", { type: "radio", name: "kind", value, checked: index === 0 }), text));
  const submit = (event) => {
    event.preventDefault();
    const name = field.value.trim();
    if (!name) return;
    close();
    onOk(name, form.elements.kind?.value);
  };
  const actions = el("div", {}, el("button", { type: "button", onclick: close }, cancel), el("button", { type: "submit" }, ok));
  const form = el("form", { class: "alert asking", role: "dialog", "aria-label": title, onsubmit: submit }, el("strong", {}, title), field, ...kinds, actions);
  const veil = el("div", { class: "veil", onclick: (event) => event.target === veil && close() }, form);
  veil.addEventListener("keydown", (event) => event.key === "Escape" && close());
  place.append(veil);
  field.focus();
}

export function zoomIn(url) {
  const node = el("div", { class: "zoom", onclick: () => node.remove() }, el("img", { src: url, alt: "" }));
  document.body.append(node);
}
