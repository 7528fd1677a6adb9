// The strip below a column's head: the private chat, the player's rooms, and below it the topics of a forum.

import { avatar, el } from "./dom.js";

const COUNT_MAX = 99;
const EDGE_PX = 12;
const MORE_PX = 50;

function badge(count) {
  return count ? el("span", { class: "tab-count" }, String(Math.min(count, COUNT_MAX))) : null;
}

export class Tabs {
  constructor(column) {
    this.column = column;
    this.places = el("div", { class: "tabs-row", role: "tablist" });
    this.topics = el("div", { class: "tabs-row tabs-topics", role: "tablist" });
    this.node = el("nav", { class: "tabs" }, this.places, this.topics);
  }

  // Before there is a room, the private chat is all there is, and needs no tab.
  draw() {
    const { rooms, flow } = this.column;
    this.node.hidden = rooms.length === 0;
    this.places.replaceChildren(this.home(), ...rooms.map((room) => this.room(room)), this.more(this.column.labels.newGroup, () => this.column.menu.askRoom()));
    const forum = flow.room?.isForum ? flow.room : null;
    this.topics.hidden = !forum;
    if (forum) this.topics.replaceChildren(...this.topicsOf(forum));
    for (const row of [this.places, this.topics]) this.reveal(row);
  }

  home() {
    const { bot, flow, unseen } = this.column;
    const star = el("img", { src: "/sandbox/page/static/star.svg", alt: "" });
    return this.tab([star, bot.name], !flow.room, unseen.get("home"), () => this.column.open());
  }

  room(room) {
    const { flow, player, unseen } = this.column;
    const count = [...unseen].reduce((sum, [key, more]) => (key.startsWith(`${room.id}/`) ? sum + more : sum), 0);
    const face = avatar({ id: room.id, first_name: room.title }, true);
    const node = this.tab([face, room.title], flow.room === room, count, () => this.column.open(room));
    node.classList.toggle("outside", !room.has(player.id));
    return node;
  }

  topicsOf(room) {
    const { labels, flow, unseen } = this.column;
    const one = (name, thread) => this.tab([name], flow.thread === thread, unseen.get(`${room.id}/${thread}`), () => this.column.open(room, thread));
    const named = room.topics.map((topic) => one(`${topic.open ? "" : "🔒 "}${topic.name}`, topic.thread_id));
    const more = room.has(this.column.player.id) ? [this.more(labels.newTopic, () => this.column.menu.askTopic(room))] : [];
    return [one(labels.general, 0), ...named, ...more];
  }

  tab(content, chosen, count, act) {
    const label = content.at(-1);
    return el(
      "button", { type: "button", class: "tab", role: "tab", title: label, "aria-selected": String(chosen), onclick: act },
      ...content.slice(0, -1), el("span", { class: "tab-name" }, label), badge(count),
    );
  }

  more(title, act) {
    return el("button", { type: "button", class: "tab-more", title, "aria-label": title, onclick: act }, "+");
  }

  // Only the strip scrolls; scrollIntoView would move the page's columns too.
  reveal(row) {
    const chosen = row.querySelector('[aria-selected="true"]');
    if (!chosen) return;
    const { offsetLeft: left, offsetWidth: width } = chosen;
    if (left - EDGE_PX < row.scrollLeft) row.scrollLeft = left - EDGE_PX;
    else if (left + width + MORE_PX > row.scrollLeft + row.clientWidth) row.scrollLeft = left + width + MORE_PX - row.clientWidth;
  }
}
