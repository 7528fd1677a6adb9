// The strip below a column's head: the private chat, the player's rooms, and below it the topics of a forum.

import { avatar, el } from "./dom.js";

const COUNT_MAX = 99;
const EDGE_PX = 12;

function badge(count) {
  return count ? el("span", { class: "tab-count" }, String(Math.min(count, COUNT_MAX))) : null;
}

export class Tabs {
  constructor(column) {
    this.column = column;
    this.places = el("div", { class: "tabs-row" });
    this.topics = el("div", { class: "tabs-row tabs-topics" });
    this.node = el("nav", { class: "tabs" }, this.places, this.topics);
  }

  // Before there is a room, the private chat is all there is, and needs no tab.
  draw() {
    const { rooms, flow, labels, menu } = this.column;
    this.node.hidden = rooms.length === 0;
    this.fill(this.places, [this.home(), ...rooms.map((room) => this.room(room))], this.more(labels.newGroup, () => menu.askRoom()));
    const forum = flow.room?.isForum ? flow.room : null;
    this.topics.hidden = !forum;
    if (!forum) return;
    const more = forum.has(this.column.player.id) ? this.more(labels.newTopic, () => menu.askTopic(forum)) : "";
    this.fill(this.topics, this.topicsOf(forum), more);
  }

  // The tabs scroll when they are many, the + stays in view; which part is seen stays as it was, but for the chosen tab.
  fill(row, tabs, more) {
    const seen = row.firstChild?.scrollLeft ?? 0;
    const strip = el("div", { class: "tabs-strip", role: "tablist" }, ...tabs);
    row.replaceChildren(strip, more);
    strip.scrollLeft = seen;
    const { offsetLeft: left, offsetWidth: width } = strip.querySelector('[aria-selected="true"]') ?? strip;
    // Only the strip scrolls: scrollIntoView would move the page's columns too.
    if (left - EDGE_PX < strip.scrollLeft) strip.scrollLeft = left - EDGE_PX;
    else if (left + width + EDGE_PX > strip.scrollLeft + strip.clientWidth) strip.scrollLeft = left + width + EDGE_PX - strip.clientWidth;
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
    return [one(labels.general, 0), ...room.topics.map((topic) => one(`${topic.open ? "" : "🔒 "}${topic.name}`, topic.thread_id))];
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
}
