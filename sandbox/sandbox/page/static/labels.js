// What Telegram itself says around a chat, in the player's language; English for all others.

const EN = {
  bot: "bot", typing: "typing", edited: "edited", start: "Start", restart: "Unblock", menu: "Menu", message: "Message",
  block: "Block bot", unblock: "Unblock bot", hide: "Hide this player", today: "Today", ok: "OK", you: "You",
  copied: "Copied", nobody: "Account deleted", what: "What can this bot do?", photo: "Photo", close: "Close",
  about: "Press Start and it begins.", open: "Open link?", late: "The bot did not answer.",
};

const DE = {
  bot: "Bot", typing: "schreibt", edited: "bearbeitet", start: "Starten", restart: "Freigeben", menu: "Menü",
  message: "Nachricht", block: "Bot blockieren", unblock: "Bot freigeben", hide: "Spieler ausblenden", today: "Heute",
  ok: "OK", you: "Du", copied: "Kopiert", nobody: "Konto gelöscht", what: "Was kann dieser Bot?", photo: "Foto",
  close: "Schließen", about: "Tippe auf Starten, dann geht es los.", open: "Link öffnen?",
  late: "Der Bot hat nicht geantwortet.",
};

export const labelsFor = (language) => (language?.startsWith("de") ? DE : EN);

export function dayName(date, language, labels) {
  if (date.toDateString() === new Date().toDateString()) return labels.today;
  return date.toLocaleDateString(language, { day: "numeric", month: "long" });
}
