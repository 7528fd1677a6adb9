// One column: a player with their chats, the private one with the bot and the rooms, one of them open.

import { api } from "./api.js";
import { Composer } from "./composer.js";
import { avatar, el } from "./dom.js";
import { Flow } from "./flow.js";
import { labelsFor } from "./labels.js";
import { Menu } from "./menu.js";
import { alertIn, toast } from "./notices.js";
import { amountOf, starred } from "./payment.js";
import { threadOf } from "./rooms.js";
import { Tabs } from "./tabs.js";

const ACTION_MS = 5000;
const NEW = new Set(["message", "paid", "refund", "sent"]);

export class Chat {
  constructor(player, bot, page) {
    Object.assign(this, { player, bot, page });
    this.labels = labelsFor(player.language_code);
    this.unseen = new Map();
    this.actions = {
      send: (text) => this.attempt(() => this.send(text)),
      openLink: (href, event, isButton) => this.openLink(href, event, isButton),
      copy: (text) => this.copy(text),
    };
    this.home = new Flow(this);
    this.flow = this.home;
    this.flows = new Map([["home", this.home]]);
    this.build();
  }

  build() {
    this.face = el("span", { class: "chat-face" });
    this.name = el("strong");
    this.status = el("span");
    const title = el("div", { class: "chat-title" }, this.name, this.status);
    this.menu = new Menu(this);
    const more = el("button", { type: "button", title: "…", onclick: (event) => this.menu.toggle(event) }, "⋮");
    this.stars = el("span", { class: "who-stars", title: this.labels.wallet });
    const who = el("div", { class: "who" }, avatar(this.player, true), el("b", {}, this.player.first_name), el("i", {}, this.player.language_code), this.stars, more);
    const head = el("header", { class: "chat-head" }, this.face, title, who);
    this.tabs = new Tabs(this);
    this.composer = new Composer(this);
    this.node = el("section", { class: "chat", "aria-label": this.player.first_name }, head, this.tabs.node, this.flow.node, this.composer.node);
    this.drawHead();
    this.drawStars();
    this.tabs.draw();
  }

  // The rooms with a tab, the player's own before those they may join; a group that moved has left its place to the new one.
  get rooms() {
    const all = [...this.page.rooms.values()].filter((room) => room.moved_to === null);
    const mine = (room) => room.has(this.player.id);
    return [...all.filter(mine), ...all.filter((room) => !mine(room))];
  }

  // --- what the feed says -------------------------------------------------------------------------------------

  take(line) {
    switch (line.kind) {
      case "snapshot": return this.reset(line);
      case "action": return this.flow === this.home ? this.busy() : undefined;
      case "player": return this.update(line.extra);
      case "wallet": return this.setStars(line.extra.stars);
      default: return this.told(line);
    }
  }

  told(line) {
    this.home.take(line);
    if (line.kind === "answer") this.answered(line);
    if (!NEW.has(line.kind)) return;
    this.count("home", line);
    if (line.message.from === "bot" && this.flow === this.home) this.idle();
    if (line.message.from === "player" && !this.player.started) {
      this.player.started = true;
      this.composer.refresh();
    }
  }

  takeRoom(line, room) {
    if (line.kind === "tap" || line.kind === "answer") {
      if (line.extra.player_id !== this.player.id) return;
      if (line.kind === "answer") this.answered(line);
    }
    if (line.kind === "action" && this.flow.room === room) this.busy();
    for (const flow of this.flows.values()) {
      if (flow.room === room && (!line.message || room.shows(line.message, flow.thread))) flow.take(line);
    }
    if (!NEW.has(line.kind)) return;
    if (line.message.from === "bot" && this.flow.room === room) this.idle();
    if (room.has(this.player.id)) this.count(`${room.id}/${room.isForum ? threadOf(line.message) : 0}`, line);
  }

  count(key, line) {
    if (this.flows.get(key) === this.flow || line.message.sender?.id === this.player.id) return;
    this.unseen.set(key, (this.unseen.get(key) ?? 0) + 1);
    this.tabs.draw();
  }

  reset(line) {
    this.update(line.player);
    this.home.reset(line.messages);
  }

  update(player) {
    this.setStars(player.stars);
    Object.assign(this.player, player);
    this.composer.refresh();
    if (this.home.messages.size === 0) this.home.drawAll();
  }

  // All rooms anew: after the feed began, the same room is another object, or is gone with the sandbox that had it.
  resetRooms() {
    for (const [key, flow] of this.flows) {
      if (!flow.room) continue;
      flow.room = this.page.rooms.get(flow.room.id) ?? flow.room;
      if (this.page.rooms.has(flow.room.id)) flow.reset(flow.ofRoom());
      else this.flows.delete(key);
    }
    const { room } = this.flow;
    if (room && !this.page.rooms.has(room.id)) this.open();
    else this.refreshPlace();
  }

  roomChanged(room) {
    this.menu.openMade();
    for (const [key, flow] of this.flows) {
      if (flow.room === room && flow.thread && !room.topic(flow.thread)) this.flows.delete(key);
    }
    if (this.flow.room !== room) this.tabs.draw();
    else if (room.moved_to !== null && this.page.rooms.has(room.moved_to)) this.open(this.page.rooms.get(room.moved_to));
    else if (this.flow.thread && !room.topic(this.flow.thread)) this.open(room);
    else this.refreshPlace();
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
    this.status.textContent = this.placeStatus();
    this.status.classList.remove("busy");
  }

  // --- which place is open ------------------------------------------------------------------------------------

  open(room = null, thread = 0) {
    const key = room ? `${room.id}/${thread}` : "home";
    if (!this.flows.has(key)) this.flows.set(key, new Flow(this, room, thread));
    const flow = this.flows.get(key);
    this.flow.node.replaceWith(flow.node);
    this.flow = flow;
    this.unseen.delete(key);
    this.composer.clear();
    this.refreshPlace();
    this.composer.loadCommands();
    flow.keepEnd(true);
  }

  refreshPlace() {
    this.drawHead();
    this.composer.refresh();
    this.tabs.draw();
  }

  drawHead() {
    const { room } = this.flow;
    const star = () => el("img", { src: "/sandbox/page/static/star.svg", alt: "" });
    this.face.replaceChildren(room ? avatar({ id: room.id, first_name: room.title }) : star());
    this.name.textContent = room ? room.title : this.bot.name;
    this.idle();
  }

  placeStatus() {
    const { room } = this.flow;
    if (!room) return this.labels.bot;
    return room.kicked ? this.labels.botless : this.crowd(room);
  }

  // As in Telegram the bot is a member like any other, and in a channel it is its admin.
  crowd(room) {
    if (room.type === "channel") return this.labels.subscribers(room.members.length);
    return this.labels.people(room.members.length + (room.kicked ? 0 : 1));
  }

  // What stands at the foot instead of the text field, or null: `{text, quiet, act}`.
  get barrier() {
    const { player, labels } = this;
    const { room, thread } = this.flow;
    if (player.deactivated) return { text: labels.nobody, quiet: true, act: () => undefined };
    if (room) {
      if (!room.has(player.id)) return { text: labels.join, act: () => this.attempt(() => api.join(room.id, player.id)) };
      return room.topic(thread)?.open === false ? { text: labels.closed, quiet: true, act: () => undefined } : null;
    }
    if (player.blocked) return { text: labels.restart, quiet: true, act: () => this.setBlocked(false) };
    return player.started ? null : { text: labels.start, act: () => this.actions.send("/start") };
  }

  // --- what the player does -----------------------------------------------------------------------------------

  send(text) {
    const { room, thread } = this.flow;
    return room ? api.say(room.id, this.player.id, text, thread) : api.send(this.player.id, text);
  }

  openLink(href, event, isButton = false) {
    const payload = this.page.startPayload(href);
    if (payload !== null) {
      event?.preventDefault();
      this.start(payload);
    } else if (isButton || !event) {
      window.open(href, "_blank", "noopener");
    }
  }

  // A link to the bot leads into the private chat, wherever it was followed.
  start(payload) {
    if (this.flow !== this.home) this.open();
    this.actions.send(`/start ${payload}`.trim());
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

  toast(content, ms) { toast(this.flow.node, content, ms); }
}
