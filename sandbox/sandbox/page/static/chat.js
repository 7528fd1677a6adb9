// One column: the chat of one player with the bot.

import { api } from "./api.js";
import { render } from "./bubble.js";
import { Composer } from "./composer.js";
import { avatar, el } from "./dom.js";
import { dayName, labelsFor } from "./labels.js";
import { alertIn, toast, zoomIn } from "./notices.js";
import { amountOf, PaySheet, starred, TOP_UP, topUp } from "./payment.js";

const NEAR_END_PX = 140;
const ACTION_MS = 5000;
const TAP_MS = 30_000;
const GROUP_SECONDS = 300;

export class Chat {
  constructor(player, bot, page) {
    Object.assign(this, { player, bot, page });
    this.labels = labelsFor(player.language_code);
    this.messages = new Map();
    this.waiting = new Map();
    this.unseen = 0;
    this.actions = {
      send: (text) => this.attempt(() => api.send(player.id, text)),
      openLink: (href, event, isButton) => this.openLink(href, event, isButton),
      copy: (text) => this.copy(text),
    };
    this.build();
  }

  build() {
    this.status = el("span", {}, this.labels.bot);
    const title = el("div", { class: "chat-title" }, el("strong", {}, this.bot.name), this.status);
    const more = el("button", { type: "button", title: "…", onclick: (event) => this.toggleMenu(event) }, "⋮");
    this.stars = el("span", { class: "who-stars", title: this.labels.wallet });
    const who = el("div", { class: "who" }, avatar(this.player, true), el("b", {}, this.player.first_name), el("i", {}, this.player.language_code), this.stars, more);
    const head = el("header", { class: "chat-head" }, el("img", { src: "/sandbox/page/static/star.svg", alt: "" }), title, who);
    this.flow = el("div", { class: "flow", role: "log" });
    this.flow.addEventListener("scroll", () => this.scrolled());
    this.toEnd = el("button", { class: "to-end", type: "button", title: "↓", onclick: () => this.keepEnd(true, true) }, "↓");
    this.wall = el("div", { class: "wall" }, this.flow, this.toEnd);
    this.composer = new Composer(this);
    this.node = el("section", { class: "chat", "aria-label": this.player.first_name }, head, this.wall, this.composer.node);
    this.drawStars();
  }

  // --- what the feed says -------------------------------------------------------------------------------------

  take(line) {
    switch (line.kind) {
      case "snapshot": return this.reset(line);
      case "message":
      case "paid":
      case "refund":
      case "sent": return this.add(line.message);
      case "invoice":
      case "edit": return this.change(line.message);
      case "delete": return this.remove(line.message_id);
      case "action": return this.busy();
      case "tap": return this.wait(line.message_id, line.extra.data);
      case "answer": return this.answered(line);
      case "player": return this.update(line.extra);
      case "wallet": return this.setStars(line.extra.stars);
      default: return undefined;
    }
  }

  reset(line) {
    this.messages = new Map(line.messages.map((message) => [message.message_id, message]));
    this.update(line.player);
    this.drawAll();
    this.keepEnd(true);
  }

  add(message) {
    const end = this.atEnd() || message.from === "player";
    this.player.started ||= message.from === "player";
    if (this.messages.size === 0) this.flow.replaceChildren();
    this.messages.set(message.message_id, message);
    const node = render(message, this);
    node.classList.add("new");
    this.flow.append(...this.dayBefore(message), node);
    this.group();
    if (message.from === "bot") this.idle();
    if (!end) this.unseen += 1;
    this.keepEnd(end, true);
    if (message.from === "player") this.composer.node.contains(this.composer.row) || this.composer.refresh();
  }

  change(message) {
    const end = this.atEnd();
    const old = this.flow.querySelector(`[data-id="${message.message_id}"]`);
    this.messages.set(message.message_id, message);
    if (!old) return this.add(message);
    old.replaceWith(render(message, this));
    this.group();
    this.keepEnd(end);
    return undefined;
  }

  remove(id) {
    this.messages.delete(id);
    const node = this.flow.querySelector(`[data-id="${id}"]`);
    node?.classList.add("gone");
    setTimeout(() => { node?.remove(); this.group(); }, 170);
  }

  update(player) {
    this.setStars(player.stars);
    Object.assign(this.player, player);
    this.composer.refresh();
    if (this.messages.size === 0) this.drawAll();
  }

  setStars(stars) {
    if (stars === this.player.stars) return;
    this.player.stars = stars;
    this.drawStars();
    this.stars.classList.remove("changed");
    requestAnimationFrame(() => this.stars.classList.add("changed"));
    this.sheet?.refresh();
  }

  drawStars() {
    this.stars.replaceChildren(...starred(`⭐${amountOf(this.player.stars, this.player.language_code)}`));
  }

  answered(line) {
    const { text, show_alert: alert, url } = line.extra;
    this.unwait(line.message_id);
    if (url) this.openLink(url);
    else if (text && alert) alertIn(this.node, this.bot.name, text, this.labels.ok);
    else if (text) this.toast(text);
  }

  busy() {
    this.status.textContent = this.labels.typing;
    this.status.classList.add("busy");
    clearTimeout(this.busyTimer);
    this.busyTimer = setTimeout(() => this.idle(), ACTION_MS);
  }

  idle() {
    this.status.textContent = this.labels.bot;
    this.status.classList.remove("busy");
  }

  // --- what the player does -----------------------------------------------------------------------------------

  tap(messageId, data) {
    this.wait(messageId, data);
    this.attempt(() => api.tap(this.player.id, messageId, data), () => this.unwait(messageId));
  }

  pay(messageId) {
    new PaySheet(this, this.messages.get(messageId)).open();
  }

  wait(messageId, data) {
    if (this.waiting.get(messageId) === data) return;
    this.waiting.set(messageId, data);
    this.markWaiting(messageId);
    setTimeout(() => this.waiting.get(messageId) === data && this.unwait(messageId), TAP_MS);
  }

  unwait(messageId) {
    this.waiting.delete(messageId);
    this.markWaiting(messageId);
  }

  markWaiting(messageId) {
    const data = this.waiting.get(messageId);
    for (const key of this.flow.querySelectorAll(`[data-id="${messageId}"] .key`)) {
      key.classList.toggle("loading", data !== undefined && key.dataset.data === data);
    }
  }

  openLink(href, event, isButton = false) {
    const payload = this.page.startPayload(href);
    if (payload !== null) {
      event?.preventDefault();
      this.actions.send(`/start ${payload}`.trim());
    } else if (isButton || !event) {
      window.open(href, "_blank", "noopener");
    }
  }

  // Browsers keep the clipboard from pages of other machines without https: then the text is shown, to copy by hand.
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.toast(`${this.labels.copied}: ${text}`);
    } catch {
      alertIn(this.node, this.labels.copyThis, text, this.labels.ok);
    }
  }

  setBlocked(blocked) {
    this.attempt(() => api.setBlocked(this.player.id, blocked));
  }

  async attempt(act, onFailure) {
    try {
      await act();
    } catch (problem) {
      onFailure?.();
      this.toast(problem.message);
    }
  }

  // --- drawing ------------------------------------------------------------------------------------------------

  drawAll() {
    this.lastDay = "";
    if (this.messages.size === 0) return this.flow.replaceChildren(this.about());
    const nodes = [...this.messages.values()].flatMap((message) => [...this.dayBefore(message), render(message, this)]);
    this.flow.replaceChildren(...nodes);
    this.group();
    return undefined;
  }

  about() {
    const { descriptions } = this.bot;
    const text = descriptions[this.player.language_code] || descriptions[""] || this.labels.about;
    return el("div", { class: "about" }, el("img", { src: "/sandbox/page/static/star.svg", alt: "" }), el("strong", {}, this.labels.what), el("p", {}, text));
  }

  dayBefore(message) {
    const day = dayName(new Date(message.date * 1000), this.player.language_code, this.labels);
    if (day === this.lastDay) return [];
    this.lastDay = day;
    return [el("div", { class: "day" }, day)];
  }

  // Neighbours of one sender form a group: only its first has the gap above, only its last has the tail.
  group() {
    const nodes = [...this.flow.querySelectorAll(".msg:not(.gone), .service:not(.gone)")];
    const all = nodes.map((node) => this.messages.get(Number(node.dataset.id)));
    const apart = (one, other) => !one || !other || one.payment || other.payment || one.from !== other.from || Math.abs(one.date - other.date) > GROUP_SECONDS;
    nodes.forEach((node, index) => {
      node.classList.toggle("first", apart(all[index - 1], all[index]) || all[index - 1].buttons.length > 0);
      node.classList.toggle("last", apart(all[index], all[index + 1]) || all[index].buttons.length > 0);
    });
  }

  atEnd() {
    return this.flow.scrollHeight - this.flow.scrollTop - this.flow.clientHeight < NEAR_END_PX;
  }

  keepEnd(force = this.atEnd(), smooth = false) {
    if (force) this.flow.scrollTo({ top: this.flow.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.scrolled();
  }

  scrolled() {
    const end = this.atEnd();
    if (end) this.unseen = 0;
    this.toEnd.classList.toggle("shown", !end);
    if (this.unseen) this.toEnd.dataset.count = String(this.unseen);
    else delete this.toEnd.dataset.count;
  }

  toast(content, ms) { toast(this.wall, content, ms); }

  zoom(url) { zoomIn(url); }

  toggleMenu(event) {
    event.stopPropagation();
    if (this.menu?.isConnected) return this.menu.remove();
    const item = (label, act, danger) => el("button", { type: "button", class: danger ? "danger" : "", onclick: act }, ...starred(label));
    const { blocked } = this.player;
    this.menu = el(
      "div", { class: "menu" },
      item(blocked ? this.labels.unblock : this.labels.block, () => this.setBlocked(!blocked), !blocked),
      item(this.labels.topUp(`⭐${amountOf(TOP_UP, this.player.language_code)}`), () => topUp(this)),
      item(this.labels.hide, () => this.page.hide(this.player.id)),
    );
    this.node.append(this.menu);
    document.addEventListener("click", () => this.menu.remove(), { once: true });
    return undefined;
  }
}
