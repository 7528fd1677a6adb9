// What Telegram itself says around a chat, in the player's language; English for all others.

const EN = {
  bot: "bot", typing: "typing", edited: "edited", start: "Start", restart: "Unblock", menu: "Menu", message: "Message",
  block: "Block bot", unblock: "Unblock bot", hide: "Hide this player", today: "Today", ok: "OK", you: "You",
  copied: "Copied", copyThis: "Copy this:", nobody: "Account deleted", what: "What can this bot do?", photo: "Photo", close: "Close",
  about: "Press Start and it begins.", open: "Open link?", late: "The bot did not answer.",
  pay: "Pay", paid: "Paid", balance: "Balance", cancel: "Cancel", confirmTitle: "Confirm your purchase",
  confirmPay: "Confirm and pay", paying: "Waiting for the bot…", noAnswer: "The bot did not answer. No Stars were taken.",
  tooLow: "Not enough Stars.", wallet: "Stars of this player",
  confirm: (title, bot, price) => `Do you want to buy “${title}” in ${bot} for ${price}?`,
  missing: (stars) => `You need ${stars} more.`,
  topUp: (stars) => `Add ${stars}`,
  bought: (title, price) => `Payment complete: “${title}” for ${price}.`,
  youPaid: (price, bot, title) => `You paid ${price} to ${bot} for “${title}”`,
  refunded: (price, bot, title) => `${bot} refunded ${price} for “${title}”`,
  newGroup: "New group", newTopic: "New topic", roomName: "Name", topicName: "Name of the topic", make: "Create",
  group: "Group", forum: "Group with topics", channel: "Channel", general: "General", join: "Join", closed: "This topic is closed",
  silent: "Nobody has written here yet", botless: "without the bot", moved: "The group is a supergroup now",
  payAlone: "Payments are made in the private chat.",
  people: (count) => (count === 1 ? "1 member" : `${count} members`),
  subscribers: (count) => (count === 1 ? "1 subscriber" : `${count} subscribers`),
  letIn: (bot) => `Add ${bot}`,
  throwOut: (bot) => `Remove ${bot}`,
  joined: (name) => `${name} joined`,
  topicMade: (name) => (name ? `Topic “${name}” created` : "New topic"),
};

const DE = {
  bot: "Bot", typing: "schreibt", edited: "bearbeitet", start: "Starten", restart: "Freigeben", menu: "Menü",
  message: "Nachricht", block: "Bot blockieren", unblock: "Bot freigeben", hide: "Spieler ausblenden", today: "Heute",
  ok: "OK", you: "Du", copied: "Kopiert", copyThis: "Zum Kopieren:", nobody: "Konto gelöscht", what: "Was kann dieser Bot?", photo: "Foto",
  close: "Schließen", about: "Tippe auf Starten, dann geht es los.", open: "Link öffnen?",
  late: "Der Bot hat nicht geantwortet.",
  pay: "Bezahlen", paid: "Bezahlt", balance: "Guthaben", cancel: "Abbrechen", confirmTitle: "Kauf bestätigen",
  confirmPay: "Bestätigen und bezahlen", paying: "Warte auf den Bot …",
  noAnswer: "Der Bot hat nicht geantwortet. Es wurden keine Sterne abgebucht.",
  tooLow: "Nicht genug Sterne.", wallet: "Sterne dieses Spielers",
  confirm: (title, bot, price) => `Möchtest du „${title}“ bei ${bot} für ${price} kaufen?`,
  missing: (stars) => `Dir fehlen noch ${stars}.`,
  topUp: (stars) => `${stars} aufladen`,
  bought: (title, price) => `Bezahlt: „${title}“ für ${price}.`,
  youPaid: (price, bot, title) => `Du hast ${price} an ${bot} für „${title}“ bezahlt`,
  refunded: (price, bot, title) => `${bot} hat dir ${price} für „${title}“ erstattet`,
  newGroup: "Neue Gruppe", newTopic: "Neues Thema", roomName: "Name", topicName: "Name des Themas", make: "Erstellen",
  group: "Gruppe", forum: "Gruppe mit Themen", channel: "Kanal", general: "Allgemein", join: "Beitreten", closed: "Dieses Thema ist geschlossen",
  silent: "Hier hat noch niemand geschrieben", botless: "Ohne den Bot", moved: "Die Gruppe ist jetzt eine Supergruppe",
  payAlone: "Bezahlt wird im privaten Chat.",
  people: (count) => (count === 1 ? "1 Mitglied" : `${count} Mitglieder`),
  subscribers: (count) => (count === 1 ? "1 Abonnent" : `${count} Abonnenten`),
  letIn: (bot) => `${bot} hinzufügen`,
  throwOut: (bot) => `${bot} entfernen`,
  joined: (name) => `${name} ist jetzt dabei`,
  topicMade: (name) => (name ? `Thema „${name}“ erstellt` : "Neues Thema"),
};

export const labelsFor = (language) => (language?.startsWith("de") ? DE : EN);

export function dayName(date, language, labels) {
  if (date.toDateString() === new Date().toDateString()) return labels.today;
  return date.toLocaleDateString(language, { day: "numeric", month: "long" });
}
