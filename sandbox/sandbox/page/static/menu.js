// The menu of a column (⋮): what a player can do with the bot, with the room that is open, and to make a new one.

import { api } from "./api.js";
import { el } from "./dom.js";
import { askIn } from "./notices.js";
import { amountOf, starred, TOP_UP, topUp } from "./payment.js";

export class Menu {
  constructor(chat) {
    this.chat = chat;
    this.making = null;
  }

  toggle(event) {
    event.stopPropagation();
    if (this.node?.isConnected) return this.node.remove();
    const { chat } = this;
    this.node = el(
      "div", { class: "menu" },
      ...(chat.flow.room ? this.ofRoom(chat.flow.room) : this.ofPrivate()),
      this.item(chat.labels.newGroup, () => this.askRoom()),
      this.item(chat.labels.hide, () => chat.page.hide(chat.player.id)),
    );
    chat.node.append(this.node);
    document.addEventListener("click", () => this.node.remove(), { once: true });
    return undefined;
  }

  item(label, act, danger = false) {
    return el("button", { type: "button", class: danger ? "danger" : "", onclick: act }, ...starred(label));
  }

  ofPrivate() {
    const { chat } = this;
    const { labels, player } = chat;
    return [
      this.item(player.blocked ? labels.unblock : labels.block, () => chat.setBlocked(!player.blocked), !player.blocked),
      this.item(labels.topUp(`⭐${amountOf(TOP_UP, player.language_code)}`), () => topUp(chat)),
    ];
  }

  ofRoom(room) {
    const { chat } = this;
    const { labels, player, bot } = chat;
    if (!room.has(player.id)) return [];
    const label = room.kicked ? labels.letIn(bot.name) : labels.throwOut(bot.name);
    const items = [this.item(label, () => chat.attempt(() => api.admit(room.id, player.id, room.kicked)), !room.kicked)];
    return room.isForum ? [this.item(labels.newTopic, () => this.askTopic(room)), ...items] : items;
  }

  askRoom() {
    const { chat } = this;
    const { labels } = chat;
    const choices = [["group", labels.group], ["forum", labels.forum], ["channel", labels.channel]];
    const asked = { title: labels.newGroup, label: labels.roomName, choices, ok: labels.make, cancel: labels.cancel };
    askIn(chat.node, asked, (title, kind) => chat.attempt(() => this.makeRoom(title, kind)));
  }

  async makeRoom(title, kind) {
    const { chat } = this;
    const { id } = await api.addRoom(title, kind === "channel" ? kind : "supergroup", kind === "forum");
    await api.join(id, chat.player.id);
    this.making = id;
    this.openMade();
  }

  // Open the room this player has just made, as soon as the feed has told of it.
  openMade() {
    const room = this.chat.page.rooms.get(this.making);
    if (!room) return;
    this.making = null;
    this.chat.open(room);
  }

  askTopic(room) {
    const { chat } = this;
    const { labels } = chat;
    const asked = { title: labels.newTopic, label: labels.topicName, ok: labels.make, cancel: labels.cancel };
    askIn(chat.node, asked, (name) => chat.attempt(async () => {
      const { thread_id: thread } = await api.addTopic(room.id, chat.player.id, name);
      chat.open(room, thread);
    }));
  }
}
