// The foot of a chat: text field, command menu, Start and Unblock buttons.

import { api } from "./api.js";
import { el, svg } from "./dom.js";

const MENU = ["M4 7h16M4 12h16M4 17h16"];
const SEND = ["M3.400 20.400l17.700-7.600a.900.900 0 0 0 0-1.600L3.400 3.600a.800.800 0 0 0-1.100 1L4.200 10.500l9.300 1.500-9.300 1.500-1.900 5.900a.800.800 0 0 0 1.100 1z"];

export class Composer {
  constructor(chat) {
    this.chat = chat;
    this.node = el("footer", { class: "foot" });
    this.list = [];
    this.picked = -1;
    this.build();
  }

  build() {
    const { labels } = this.chat;
    this.field = el("textarea", { rows: "1", placeholder: labels.message, "aria-label": labels.message, maxlength: "4096" });
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("keydown", (event) => this.pressed(event));
    this.menuButton = el("button", { class: "foot-menu", type: "button", onclick: () => this.toggle() }, svg("0 0 24 24", ...MENU), labels.menu);
    this.sendButton = el("button", { class: "foot-send", type: "button", title: labels.message, onclick: () => this.send() }, svg("0 0 24 24", ...SEND));
    this.row = el("div", { class: "foot-row" }, this.menuButton, this.field, this.sendButton);
    this.big = el("button", { class: "foot-big", type: "button", onclick: () => this.pressBig() });
    this.refresh();
    this.loadCommands();
  }

  // Which foot fits: Start before the first message, Join in front of a group, …, the text field otherwise.
  refresh() {
    this.closeMenu();
    const { barrier } = this.chat;
    this.big.textContent = barrier?.text ?? "";
    this.big.classList.toggle("quiet", Boolean(barrier?.quiet));
    const shown = barrier ? this.big : this.row;
    if (!this.node.contains(shown)) this.node.replaceChildren(shown);
  }

  async loadCommands() {
    try {
      const { flow, player } = this.chat;
      this.list = await (flow.room ? api.commandsIn(flow.room.id, player.id) : api.commands(player.id));
    } catch {
      this.list = [];
    }
    this.menuButton.hidden = this.list.length === 0;
    this.menuButton.style.display = this.list.length ? "" : "none";
  }

  pressBig() {
    this.chat.barrier?.act();
  }

  clear() {
    this.field.value = "";
    this.typed();
  }

  typed() {
    this.field.style.height = "38px";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 132)}px`;
    this.sendButton.classList.toggle("ready", this.field.value.trim() !== "");
    const typed = this.field.value;
    if (/^\/\w*$/.test(typed)) this.openMenu(typed.slice(1).toLowerCase());
    else this.closeMenu();
  }

  pressed(event) {
    if (event.key === "Escape") this.closeMenu();
    else if (this.panel && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.pick(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      const picked = this.panel?.children[this.picked];
      if (picked) picked.click();
      else this.send();
    }
  }

  pick(step) {
    const rows = [...this.panel.children];
    this.picked = (this.picked + step + rows.length) % rows.length;
    rows.forEach((row, index) => row.classList.toggle("picked", index === this.picked));
    rows[this.picked].scrollIntoView({ block: "nearest" });
  }

  send() {
    const text = this.field.value.trim();
    if (!text) return;
    this.clear();
    this.chat.actions.send(text);
  }

  toggle() {
    if (this.panel) this.closeMenu();
    else this.openMenu("");
  }

  openMenu(prefix) {
    this.closeMenu();
    const fitting = this.list.filter((one) => one.command.startsWith(prefix));
    if (!fitting.length) return;
    const rows = fitting.map((one) => el(
      "button",
      { type: "button", onclick: () => this.run(one.command) },
      el("b", {}, `/${one.command}`), el("span", {}, one.description),
    ));
    this.panel = el("div", { class: "commands" }, ...rows);
    this.node.append(this.panel);
  }

  // In a group a command picked from the menu says whose it is, as there may be other bots.
  run(command) {
    const { bot, flow } = this.chat;
    this.clear();
    this.closeMenu();
    this.chat.actions.send(flow.room ? `/${command}@${bot.username}` : `/${command}`);
  }

  closeMenu() {
    this.panel?.remove();
    this.panel = null;
    this.picked = -1;
  }
}
