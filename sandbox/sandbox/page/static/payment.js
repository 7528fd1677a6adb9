// Stars: the invoice in a bubble, the sheet that asks before a payment, and the line that tells of one.

import { api } from "./api.js";
import { el } from "./dom.js";

export const TOP_UP = 1000;
const RESULT_MS = 5200;

// Text with every ⭐ drawn as a Telegram Star; a number behind it stays on its line.
export function starred(text) {
  return text.split(/(⭐️?\s?[\d.,]*\d|⭐️?)/u).map((part) => {
    if (!part.startsWith("⭐")) return part;
    const star = el("img", { class: "gold", src: "/sandbox/page/static/gold.svg", alt: "⭐" });
    return el("span", { class: "stars" }, star, part.replace(/^⭐️?\s?/u, ""));
  });
}

export const amountOf = (stars, language) => stars.toLocaleString(language);

export function invoiceCard(message, chat) {
  const { title, description, amount, paid, photo_url: photo } = message.invoice;
  const price = el("span", { class: "price" }, ...starred(`⭐${amountOf(amount, chat.player.language_code)}`));
  const mark = paid ? el("span", { class: "price-paid" }, `✓ ${chat.labels.paid}`) : null;
  const picture = photo ? el("img", { class: "picture", src: photo, alt: "", onload: () => chat.keepEnd() }) : null;
  return el("div", { class: "invoice" }, picture, el("strong", {}, title), el("p", {}, description), el("div", { class: "invoice-foot" }, price, mark));
}

// Telegram's own button speaks the player's language; a text the bot chose stays as it is.
export function payText(button, message, chat) {
  const own = button.text === `Pay ⭐${message.invoice.amount}`;
  return starred(own ? `${chat.labels.pay} ⭐${amountOf(message.invoice.amount, chat.player.language_code)}` : button.text.replace("XTR", "⭐"));
}

export function serviceLine(message, chat) {
  const { kind, amount, title } = message.payment;
  const say = kind === "refunded" ? chat.labels.refunded : chat.labels.youPaid;
  const text = say(`⭐${amountOf(amount, chat.player.language_code)}`, chat.bot.name, title);
  return el("div", { class: "service", data: { id: String(message.message_id) } }, el("span", {}, ...starred(text)));
}

export class PaySheet {
  constructor(chat, message) {
    Object.assign(this, { chat, message, busy: false });
    this.build();
  }

  build() {
    const { labels, player, bot } = this.chat;
    const { title, amount } = this.message.invoice;
    this.price = `⭐${amountOf(amount, player.language_code)}`;
    this.balance = el("span", { class: "sheet-balance" });
    this.note = el("p", { class: "sheet-note" });
    this.go = el("button", { type: "button", class: "sheet-go", onclick: () => this.press() });
    this.no = el("button", { type: "button", class: "sheet-no", onclick: () => this.cancel() }, labels.cancel);
    const text = el("p", {}, ...starred(labels.confirm(title, bot.name, this.price)));
    const star = el("img", { class: "sheet-star", src: "/sandbox/page/static/gold.svg", alt: "" });
    const box = el(
      "div", { class: "sheet", role: "dialog", "aria-label": labels.confirmTitle },
      this.balance, el("div", { class: "sheet-glow" }, star), el("strong", {}, labels.confirmTitle), text, this.note, this.go, this.no,
    );
    this.veil = el("div", { class: "veil low", onclick: (event) => event.target === this.veil && this.cancel() }, box);
    this.veil.addEventListener("keydown", (event) => event.key === "Escape" && this.cancel());
  }

  open() {
    this.chat.sheet?.close();
    this.chat.sheet = this;
    this.chat.node.append(this.veil);
    this.refresh();
    this.go.focus();
  }

  get missing() {
    return Math.max(0, this.message.invoice.amount - this.chat.player.stars);
  }

  refresh() {
    const { labels, player } = this.chat;
    const shown = (stars) => `⭐${amountOf(stars, player.language_code)}`;
    this.balance.replaceChildren(`${labels.balance} `, ...starred(shown(player.stars)));
    this.veil.classList.toggle("busy", this.busy);
    this.go.disabled = this.busy;
    this.no.disabled = this.busy;
    this.note.replaceChildren(...starred(this.missing && !this.busy ? labels.missing(shown(this.missing)) : ""));
    if (this.busy) this.go.replaceChildren(labels.paying);
    else this.go.replaceChildren(...starred(this.missing ? labels.topUp(shown(TOP_UP)) : `${labels.confirmPay} ${this.price}`));
  }

  press() {
    if (this.missing) this.chat.attempt(() => api.addStars(this.chat.player.id, TOP_UP));
    else this.pay();
  }

  async pay() {
    this.busy = true;
    this.refresh();
    try {
      this.finished(await api.pay(this.chat.player.id, this.message.message_id));
    } catch (problem) {
      this.chat.toast(problem.message);
    }
    this.close();
  }

  finished(outcome) {
    const { labels } = this.chat;
    const failed = { no_answer: labels.noAnswer, balance_too_low: labels.tooLow };
    const text = outcome.paid ? labels.bought(this.message.invoice.title, this.price) : failed[outcome.reason] ?? outcome.error;
    this.chat.toast(starred(`${outcome.paid ? "" : "⚠️ "}${text}`), RESULT_MS);
  }

  cancel() {
    if (this.busy) return;
    this.close();
    this.chat.attempt(() => api.cancelPay(this.chat.player.id, this.message.message_id));
  }

  close() {
    this.veil.remove();
    if (this.chat.sheet === this) this.chat.sheet = null;
  }
}

export const topUp = (chat) => chat.attempt(() => api.addStars(chat.player.id, TOP_UP));
