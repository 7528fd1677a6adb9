// Small helpers to build elements; text always goes in as text, never as markup.

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function svg(viewBox, ...paths) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  node.setAttribute("viewBox", viewBox);
  node.setAttribute("aria-hidden", "true");
  for (const d of paths) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    node.append(path);
  }
  return node;
}

export function avatar(person, small = false) {
  const signs = [...person.first_name];
  const initial = (signs.find((sign) => /[\p{L}\p{N}]/u.test(sign)) ?? signs[0] ?? "?").toUpperCase();
  return el("span", { class: small ? "avatar small" : "avatar", data: { hue: String(Math.abs(person.id) % 7) } }, initial);
}
