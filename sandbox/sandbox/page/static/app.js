// The page: top bar, players, columns, and the live feed that feeds them.

import { api, follow } from "./api.js";
import { Chat } from "./chat.js";
import { avatar, el } from "./dom.js";
import { Room } from "./rooms.js";

const SHOWN_KEY = "sandbox.shown";
const SHOWN_AT_FIRST = 2;
const COLUMNS_MAX = 8;
const $ = (id) => document.getElementById(id);

class Page {
  async start() {
    [this.bot, this.players] = await Promise.all([api.bot(), api.players()]);
    this.chats = new Map();
    this.rooms = new Map();
    $("bot-name").textContent = this.bot.name;
    $("bot-link").textContent = `@${this.bot.username}`;
    $("link-input").placeholder = `https://t.me/${this.bot.username}?start=…`;
    $("link-form").addEventListener("submit", (event) => this.openLink(event));
    $("add-player").addEventListener("click", () => this.openDialog());
    $("add-cancel").addEventListener("click", () => $("add-dialog").close("cancel"));
    $("add-dialog").addEventListener("close", () => this.addPlayer());
    this.show(this.remembered());
  }

  // Which players were shown last: from the address, else from this browser, else the first two.
  remembered() {
    const asked = new URLSearchParams(location.search).get("players");
    const stored = asked ? asked.split(",").map(Number) : JSON.parse(localStorage.getItem(SHOWN_KEY) ?? "[]");
    const known = stored.filter((id) => this.players.some((player) => player.id === id));
    return known.length ? known.slice(0, COLUMNS_MAX) : this.players.slice(0, SHOWN_AT_FIRST).map((player) => player.id);
  }

  show(ids) {
    this.shown = ids;
    localStorage.setItem(SHOWN_KEY, JSON.stringify(ids));
    for (const id of this.chats.keys()) if (!ids.includes(id)) this.chats.delete(id);
    for (const id of ids) if (!this.chats.has(id)) this.chats.set(id, this.newChat(id));
    $("columns").replaceChildren(...ids.map((id) => this.chats.get(id).node));
    this.drawBar();
    this.stop?.();
    this.stop = follow(ids, (line) => this.take(line), (on) => this.setState(on));
  }

  newChat(id) {
    return new Chat(this.players.find((player) => player.id === id), this.bot, this);
  }

  take(line) {
    if (line.kind === "hello") this.connected(line.rooms);
    else if (line.kind === "room") this.takeRoom(line.extra);
    else if (this.rooms.has(line.chat_id)) this.takeInRoom(line, this.rooms.get(line.chat_id));
    else if (line.kind === "commands") this.refreshBot();
    else if (line.kind === "player") this.takePlayer(line);
    else this.chats.get(line.chat_id)?.take(line);
  }

  // After a restart of the sandbox other players may be there: what is gone is not shown any more.
  async connected(rooms) {
    this.rooms = new Map(rooms.map((room) => [room.id, new Room(room)]));
    for (const chat of this.chats.values()) chat.resetRooms();
    this.refreshBot();
    this.players = await api.players();
    const known = this.shown.filter((id) => this.players.some((player) => player.id === id));
    if (known.length < this.shown.length) this.show(known);
    else this.drawBar();
  }

  takeRoom(view) {
    if (this.rooms.has(view.id)) this.rooms.get(view.id).update(view);
    else this.rooms.set(view.id, new Room(view));
    for (const chat of this.chats.values()) chat.roomChanged(this.rooms.get(view.id));
  }

  takeInRoom(line, room) {
    room.take(line);
    for (const chat of this.chats.values()) chat.takeRoom(line, room);
  }

  takePlayer(line) {
    const known = this.players.find((player) => player.id === line.chat_id);
    if (known) this.chats.get(line.chat_id)?.take(line);
    else if (this.players.length < 24) {
      this.players.push(line.extra);
      this.drawBar();
    }
  }

  async refreshBot() {
    Object.assign(this.bot, await api.bot());
    for (const chat of this.chats.values()) {
      chat.composer.loadCommands();
      if (chat.home.messages.size === 0) chat.home.drawAll();
    }
  }

  drawBar() {
    const buttons = this.players.map((player) => el(
      "button",
      {
        type: "button", title: `${player.first_name} (${player.language_code})`,
        "aria-pressed": String(this.shown.includes(player.id)), onclick: () => this.toggle(player.id),
      },
      avatar(player),
    ));
    $("players").replaceChildren(...buttons);
    const chosen = Number($("link-player").value);
    const options = this.players.map((player) => el("option", { value: String(player.id), selected: player.id === chosen }, player.first_name));
    $("link-player").replaceChildren(...options);
  }

  toggle(id) {
    if (this.shown.includes(id)) this.hide(id);
    else this.show([...this.shown, id].slice(-COLUMNS_MAX));
  }

  hide(id) {
    this.show(this.shown.filter((one) => one !== id));
  }

  openDialog() {
    $("add-dialog").returnValue = "";
    $("add-dialog").showModal();
  }

  async addPlayer() {
    const name = $("add-name").value.trim();
    if ($("add-dialog").returnValue !== "add" || !name) return;
    const { id } = await api.addPlayer(name, $("add-language").value);
    $("add-form").reset();
    this.players = await api.players();
    this.show([...this.shown, id].slice(-COLUMNS_MAX));
    this.chats.get(id)?.node.scrollIntoView({ behavior: "smooth", inline: "center" });
  }

  openLink(event) {
    event.preventDefault();
    const link = $("link-input").value.trim();
    const id = Number($("link-player").value);
    if (!this.shown.includes(id)) this.show([...this.shown, id].slice(-COLUMNS_MAX));
    const payload = this.startPayload(link) ?? (/^[\w-]{1,64}$/.test(link) ? link : null);
    if (payload === null) {
      this.chats.get(id).toast(`Not a link to @${this.bot.username}: https://t.me/${this.bot.username}?start=…`);
      return;
    }
    $("link-input").value = "";
    this.chats.get(id).start(payload);
  }

  // The payload of a link to this bot ("" without one), or null for any other link.
  startPayload(href) {
    const found = /^(?:https?:\/\/)?(?:t|telegram)\.me\/(\w+)(?:\?start=([\w-]{0,64}))?$/i.exec(href ?? "");
    return found && found[1].toLowerCase() === this.bot.username.toLowerCase() ? found[2] ?? "" : null;
  }

  setState(on) {
    $("state").classList.toggle("on", on);
    $("state").title = on ? "Connected" : "Connecting…";
  }
}

new Page().start();
