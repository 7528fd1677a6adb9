// What was said in one place: the private chat, a group, or one topic of a group. A column shows one flow at a time.

import { api } from "./api.js";
import { isService, render } from "./bubble.js";
import { el } from "./dom.js";
import { dayName } from "./labels.js";
import { zoomIn } from "./notices.js";
import { PaySheet } from "./payment.js";

const NEAR_END_PX = 140;
const TAP_MS = 30_000;
const GROUP_SECONDS = 300;

export class Flow {
  constructor(column, room = null, thread = 0) {
    Object.assign(this, { column, room, thread });
    this.messages = new Map();
    this.waiting = new Map();
    this.unseen = 0;
    this.list = el("div", { class: "flow", role: "log" });
    this.list.addEventListener("scroll", () => this.scrolled());
    this.toEnd = el("button", { class: "to-end", type: "button", title: "↓", onclick: () => this.keepEnd(true, true) }, "↓");
    this.node = el("div", { class: "wall" }, this.list, this.toEnd);
    if (room) this.reset(this.ofRoom());
  }

  get bot() { return this.column.bot; }
  get player() { return this.column.player; }
  get labels() { return this.column.labels; }
  get actions() { return this.column.actions; }

  ofRoom() {
    return [...this.room.messages.values()].filter((message) => this.room.shows(message, this.thread));
  }

  isMine(message) {
    return message.from === "player" && (!this.room || message.sender?.id === this.player.id);
  }

  // --- what the feed says -------------------------------------------------------------------------------------

  take(line) {
    switch (line.kind) {
      case "message":
      case "paid":
      case "refund":
      case "sent": return this.add(line.message);
      case "invoice":
      case "edit": return this.change(line.message);
      case "delete": return this.remove(line.message_id);
      case "tap": return this.wait(line.message_id, line.extra.data);
      case "answer": return this.unwait(line.message_id);
      default: return undefined;
    }
  }

  reset(messages) {
    this.messages = new Map(messages.map((message) => [message.message_id, message]));
    this.drawAll();
    this.keepEnd(true);
  }

  add(message) {
    const end = this.atEnd() || this.isMine(message);
    if (this.messages.size === 0) this.list.replaceChildren();
    this.messages.set(message.message_id, message);
    const node = render(message, this);
    node.classList.add("new");
    this.list.append(...this.dayBefore(message), node);
    this.group();
    if (!end) this.unseen += 1;
    this.keepEnd(end, true);
  }

  change(message) {
    const end = this.atEnd();
    const old = this.list.querySelector(`[data-id="${message.message_id}"]`);
    if (!old) return this.add(message);
    this.messages.set(message.message_id, message);
    old.replaceWith(render(message, this));
    this.group();
    this.keepEnd(end);
    return undefined;
  }

  remove(id) {
    this.messages.delete(id);
    const node = this.list.querySelector(`[data-id="${id}"]`);
    node?.classList.add("gone");
    setTimeout(() => { node?.remove(); this.group(); }, 170);
  }

  // --- what the player does -----------------------------------------------------------------------------------

  tap(messageId, data) {
    this.wait(messageId, data);
    const act = this.room
      ? () => api.tapIn(this.room.id, this.player.id, messageId, data)
      : () => api.tap(this.player.id, messageId, data);
    this.column.attempt(act, () => this.unwait(messageId));
  }

  pay(messageId) {
    if (this.room) this.column.toast(this.labels.payAlone);
    else new PaySheet(this.column, this.messages.get(messageId)).open();
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
    for (const key of this.list.querySelectorAll(`[data-id="${messageId}"] .key`)) {
      key.classList.toggle("loading", data !== undefined && key.dataset.data === data);
    }
  }

  zoom(url) { zoomIn(url); }

  // --- drawing ------------------------------------------------------------------------------------------------

  drawAll() {
    this.lastDay = "";
    if (this.messages.size === 0) return this.list.replaceChildren(this.about());
    const nodes = [...this.messages.values()].flatMap((message) => [...this.dayBefore(message), render(message, this)]);
    this.list.replaceChildren(...nodes);
    this.group();
    return undefined;
  }

  about() {
    if (this.room) return el("div", { class: "service empty" }, el("span", {}, this.labels.silent));
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
    const nodes = [...this.list.querySelectorAll(".msg:not(.gone), .service:not(.gone)")];
    const all = nodes.map((node) => this.messages.get(Number(node.dataset.id)));
    const sender = (one) => `${one.from}:${one.sender?.id}`;
    const apart = (one, other) => !one || !other || isService(one) || isService(other) || sender(one) !== sender(other) || Math.abs(one.date - other.date) > GROUP_SECONDS;
    nodes.forEach((node, index) => {
      node.classList.toggle("first", apart(all[index - 1], all[index]) || all[index - 1].buttons.length > 0);
      node.classList.toggle("last", apart(all[index], all[index + 1]) || all[index].buttons.length > 0);
    });
  }

  atEnd() {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR_END_PX;
  }

  keepEnd(force = this.atEnd(), smooth = false) {
    if (force) this.list.scrollTo({ top: this.list.scrollHeight, behavior: smooth ? "smooth" : "instant" });
    this.scrolled();
  }

  scrolled() {
    const end = this.atEnd();
    if (end) this.unseen = 0;
    this.toEnd.classList.toggle("shown", !end);
    if (this.unseen) this.toEnd.dataset.count = String(this.unseen);
    else delete this.toEnd.dataset.count;
  }
}
