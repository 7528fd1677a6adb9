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

const room = (id) => `/sandbox/api/rooms/${id}`;
const player = (id) => `/sandbox/api/players/${id}`;

export const api = {
  bot: () => call("GET", "/sandbox/page/bot"),
  players: () => call("GET", "/sandbox/api/players?limit=24"),
  addPlayer: (first_name, language_code) => call("POST", "/sandbox/api/players", { first_name, language_code }),
  commands: (id) => call("GET", `${player(id)}/commands`),
  send: (id, text) => call("POST", `${player(id)}/send`, { text }),
  tap: (id, message_id, data) => call("POST", `${player(id)}/tap`, { message_id, data, wait: false }),
  addRoom: (title, type, forum) => call("POST", "/sandbox/api/rooms", { title, type, forum }),
  addTopic: (id, player_id, name) => call("POST", `${room(id)}/topics`, { player_id, name }),
  join: (id, player_id) => call("POST", `${room(id)}/join`, { player_id }),
  admit: (id, player_id, admitted) => call("POST", `${room(id)}/${admitted ? "admit" : "kick"}`, { player_id }),
  commandsIn: (id, player_id) => call("GET", `${room(id)}/commands?player=${player_id}`),
  say: (id, player_id, text, thread) => call("POST", `${room(id)}/send`, { player_id, text, ...(thread ? { thread_id: thread } : {}) }),
  tapIn: (id, player_id, message_id, data) => call("POST", `${room(id)}/tap`, { player_id, message_id, data, wait: false }),
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
