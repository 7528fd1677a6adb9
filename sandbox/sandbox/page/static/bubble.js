// One message: bubble, time, picture, keyboard.

import { avatar, el, svg } from "./dom.js";
import { formatted } from "./entities.js";
import { invoiceCard, payText, serviceLine } from "./payment.js";

const TICKS = ["M1 6l3.500 3.500L12 2", "M7.500 8.700l.800.800L16 2"];
const TAIL = "M0 0C.300 6.300 3.200 11.500 8.400 14.900 9.500 15.600 9.100 17 7.800 17L0 17z";

function time(message) {
  const date = new Date(message.date * 1000);
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

const nameOf = (message, chat) => (message.from === "bot" ? chat.bot.name : message.sender?.name ?? chat.player.first_name);

// In a group everybody but oneself has a name above what they say and a face beside it.
function byWhom(message, chat) {
  const name = nameOf(message, chat);
  const id = message.sender?.id ?? 0;
  const star = el("span", { class: "face" }, el("img", { src: "/sandbox/page/static/star.svg", alt: "" }));
  const face = message.from === "bot" ? star : avatar({ id, first_name: name });
  face.classList.add("face");
  return [el("b", { class: "sender", data: { hue: message.from === "bot" ? "bot" : String(Math.abs(id) % 7) } }, name), face];
}

// What happened in a chat, and was not said in it: it stands in the middle, without a bubble.
export const isService = (message) => Boolean(message.payment || (message.fields && !message.text && !message.photo));

function happened(message, chat) {
  const { labels, room } = chat;
  const has = (field) => message.fields.includes(field);
  const text = () => {
    if (has("forum_topic_created")) return labels.topicMade(room?.topic(message.thread_id)?.name);
    if (has("new_chat_members")) return labels.joined(nameOf(message, chat));
    if (has("migrate_to_chat_id") || has("migrate_from_chat_id")) return labels.moved;
    return message.fields.join(", ");
  };
  return el("div", { class: "service", data: { id: String(message.message_id) } }, el("span", {}, text()));
}

function meta(message, mine, labels) {
  const said = (message.edited ? `${labels.edited} ` : "") + time(message);
  const node = el("span", { class: "meta" }, said);
  if (mine) node.append(svg("0 0 17 11", ...TICKS));
  return { node, space: el("span", { class: "meta-space", "aria-hidden": "true" }, said) };
}

function quoted(message, chat) {
  const original = chat.messages.get(message.reply_to);
  if (!original) return null;
  const who = chat.isMine(original) ? chat.labels.you : nameOf(original, chat);
  return el("span", { class: "reply" }, el("b", {}, who), el("span", {}, original.text || chat.labels.photo));
}

function picture(message, chat) {
  return el("img", {
    class: "picture", src: message.photo.url, alt: message.text, loading: "lazy",
    onload: () => chat.keepEnd(), onclick: () => chat.zoom(message.photo.url),
  });
}

function bubble(message, chat) {
  const node = el("div", { class: "bubble" });
  const mine = chat.isMine(message);
  const { node: stamp, space } = meta(message, mine, chat.labels);
  if (chat.room && !mine) node.append(...byWhom(message, chat));
  if (message.reply_to) node.append(quoted(message, chat) ?? "");
  if (message.photo) {
    node.classList.add("pictured");
    node.append(picture(message, chat));
  }
  if (message.invoice) node.append(invoiceCard(message, chat));
  if (message.text) {
    const text = formatted(message.text, message.entities, chat.actions);
    text.append(space);
    node.append(text);
    if (message.photo) node.classList.add("captioned");
  }
  const tail = svg("0 0 9 17", TAIL);
  tail.classList.add("tail");
  node.append(stamp, tail);
  return node;
}

function kindOf(button) {
  if (button.disabled) return "disabled";
  if (button.url) return "url";
  if (button.pay) return "pay";
  return button.copy_text ? "copy" : "callback";
}

function key(button, message, chat) {
  const kind = kindOf(button);
  const node = el("button", { class: "key", type: "button", disabled: kind === "disabled", data: { kind } }, el("span", {}, ...(kind === "pay" ? payText(button, message, chat) : [button.text])));
  if (button.style) node.dataset.style = button.style;
  if (button.data) node.dataset.data = button.data;
  if (chat.waiting.get(message.message_id) === button.data && button.data) node.classList.add("loading");
  node.addEventListener("click", (event) => {
    if (kind === "url") chat.actions.openLink(button.url, event, true);
    else if (kind === "pay") chat.pay(message.message_id);
    else if (kind === "copy") chat.actions.copy(button.copy_text);
    else if (button.data) chat.tap(message.message_id, button.data);
  });
  return node;
}

function keys(message, chat) {
  const rows = message.buttons.map((row) => el("div", { class: "keys-row" }, ...row.map((button) => key(button, message, chat))));
  return el("div", { class: "keys" }, ...rows);
}

export function render(message, chat) {
  if (message.payment) return serviceLine(message, chat);
  if (isService(message)) return happened(message, chat);
  const mine = chat.isMine(message);
  const node = el("div", { class: `msg ${mine ? "out" : "in"}${chat.room && !mine ? " named" : ""}`, data: { id: String(message.message_id) } });
  node.append(bubble(message, chat));
  if (message.photo) node.classList.add("pictured");
  if (message.invoice) node.classList.add("invoiced");
  if (message.buttons.length) {
    node.classList.add("keyed");
    node.append(keys(message, chat));
  }
  return node;
}
