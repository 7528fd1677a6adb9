// Message text with Telegram entities as DOM nodes. Offsets are UTF-16 units, which is how JavaScript counts too.

import { el } from "./dom.js";

const SAFE = /^(https?:|tg:|mailto:|tel:)/i;

function withScheme(text) {
  return SAFE.test(text) ? text : `http://${text}`;
}

function link(href, actions) {
  return el("a", {
    href: SAFE.test(href) ? href : undefined,
    target: "_blank",
    rel: "noopener noreferrer",
    onclick: (event) => actions.openLink(href, event),
  });
}

function sendLink(text, actions) {
  return el("a", { role: "button", tabindex: "0", onclick: () => actions.send(text) });
}

function wrapperOf(entity, text, actions) {
  switch (entity.type) {
    case "bold": return el("b");
    case "italic": return el("i");
    case "underline": return el("u");
    case "strikethrough": return el("s");
    case "code": return el("code");
    case "pre": return el("pre");
    case "blockquote":
    case "expandable_blockquote": return el("blockquote");
    case "spoiler": return el("span", { class: "spoiler", onclick: (event) => event.currentTarget.classList.add("open") });
    case "text_link": return link(entity.url, actions);
    case "url": return link(withScheme(text), actions);
    case "email": return link(`mailto:${text}`, actions);
    case "bot_command": return sendLink(text, actions);
    case "mention": return link(`https://t.me/${text.slice(1)}`, actions);
    case "hashtag": return el("a");
    default: return el("span");
  }
}

// Entities come sorted, outer before inner; each call renders [from, to) with those that lie inside.
function fill(node, text, entities, from, to, actions) {
  let at = from;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const end = Math.min(entity.offset + entity.length, to);
    if (entity.offset > at) node.append(text.slice(at, entity.offset));
    const inner = [];
    for (index += 1; index < entities.length && entities[index].offset < end; index += 1) inner.push(entities[index]);
    const start = Math.max(entity.offset, at);
    const wrapper = wrapperOf(entity, text.slice(start, end), actions);
    fill(wrapper, text, inner, start, end, actions);
    node.append(wrapper);
    at = Math.max(at, end);
    // A block swallows the line break after it, as its own margin already breaks the line.
    if (["pre", "blockquote", "expandable_blockquote"].includes(entity.type) && text[at] === "\n") at += 1;
  }
  if (at < to) node.append(text.slice(at, to));
}

export function formatted(text, entities, actions) {
  const node = el("div", { class: "text" });
  fill(node, text, entities ?? [], 0, text.length, actions);
  if (!entities?.length && /^(?:\p{Extended_Pictographic}\uFE0F?){1,3}$/u.test(text)) node.classList.add("emoji-only");
  return node;
}
