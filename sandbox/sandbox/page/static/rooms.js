// Groups and channels as the page knows them. They belong to no player, so all columns share them.

export class Room {
  constructor(view) {
    const { messages = [], ...shown } = view;
    Object.assign(this, shown);
    this.messages = new Map(messages.map((message) => [message.message_id, message]));
  }

  get isForum() { return Boolean(this.is_forum); }

  update(view) { Object.assign(this, view); }

  take(line) {
    if (line.message) this.messages.set(line.message_id, line.message);
    else if (line.kind === "delete") this.messages.delete(line.message_id);
  }

  has(playerId) { return this.members.includes(playerId); }

  topic(thread) { return this.topics.find((topic) => topic.thread_id === thread); }

  // Thread 0 is the general topic of a forum, and the whole of any other room.
  shows(message, thread) { return !this.isForum || threadOf(message) === thread; }
}

export const threadOf = (message) => message.thread_id ?? 0;
