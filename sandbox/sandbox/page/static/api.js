// Calls of the JSON API. A refusal becomes an Error with the sandbox's own words.

async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error([answer.error, answer.remedy].filter(Boolean).join(" — "));
  return answer;
}

const player = (id) => `/sandbox/api/players/${id}`;

export const api = {
  bot: () => call("GET", "/sandbox/page/bot"),
  players: () => call("GET", "/sandbox/api/players?limit=24"),
  addPlayer: (first_name, language_code) => call("POST", "/sandbox/api/players", { first_name, language_code }),
  commands: (id) => call("GET", `${player(id)}/commands`),
  send: (id, text) => call("POST", `${player(id)}/send`, { text }),
  tap: (id, message_id, data) => call("POST", `${player(id)}/tap`, { message_id, data, wait: false }),
  pay: (id, message_id) => call("POST", `${player(id)}/pay`, { message_id }),
  cancelPay: (id, message_id) => call("POST", `${player(id)}/pay`, { message_id, cancel: true }),
  addStars: (id, add) => call("POST", `${player(id)}/wallet`, { add }),
  setBlocked: (id, blocked) => call("POST", `${player(id)}/${blocked ? "block" : "unblock"}`),
};

// The live feed: the browser's EventSource reconnects by itself and then gets every chat anew.
export function follow(playerIds, onLine, onState) {
  const source = new EventSource(`/sandbox/page/events?players=${playerIds.join(",")}`);
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
  source.onmessage = (event) => JSON.parse(event.data).forEach(onLine);
  return () => source.close();
}
