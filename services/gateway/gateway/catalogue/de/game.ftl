### Starquiz auf Deutsch: du, ein bis zwei kurze Zeilen, freundlich und sportlich, immer mit einem nächsten Schritt.
### Namen von Werten ($name) stehen in beiden Sprachen gleich; ein Test vergleicht sie.

## Vorstellung (leerer Chat und Profil)

bot-description =
    Deutsch üben, eine Frage nach der anderen: Artikel, Fälle, Satzbau und mehr, von A1 bis B2.

    🎯 Jeden Tag eine Challenge, die gleiche für alle
    🔥 Halte deinen Streak und klettere in der Rangliste

    Tippe auf Start und leg los!
bot-short-description = Deutsch-Quiz von A1 bis B2: Tages-Challenge, Streaks, Rangliste. 🌟

## Modi

mode-QUICK_MIX_A1A2 = Quick Mix
mode-ARTIKEL_SPRINT = Artikel-Sprint
mode-DAILY_CHALLENGE = Tages-Challenge
mode-CASES_PRACTICE = Fälle-Training
mode-TRENNBARE_VERBEN = Trennbare Verben
mode-WORD_ORDER = Satzbau

## Bausteine

energy = ⚡ { $amount }
energy-endless = ⚡ ∞
energy-full-in = voll in { $time }
time-minutes = { $minutes } Min
time-hours = { $hours } Std
time-hours-minutes = { $hours } Std { $minutes } Min
time-clock = { $minutes }:{ $seconds } Min
days = { $days ->
    [one] { $days } Tag
   *[other] { $days } Tage
}
tokens = 🛟 { $tokens ->
    [one] { $tokens } Streak-Retter
   *[other] { $tokens } Streak-Retter
}
tickets = 🎟 { $tickets ->
    [one] { $tickets } Duell-Ticket
   *[other] { $tickets } Duell-Tickets
}
premium-until = 👑 Premium bis { $until }
someone = Spieler

## Willkommen und Menü

welcome =
    👋 <b>Hallo { $name }!</b> Bei Starquiz wird dein Deutsch besser, Frage für Frage.
    Vier Antworten, ein Tipp. Schaffst du es heute in die Top 10?
welcome-back =
    👋 <b>Schön, dass du da bist, { $name }!</b>
    { $streak } – weiter geht’s!
menu =
    🎮 <b>Was spielst du?</b>
    { $energy } · { $streak }
menu-locked-hint = 🔒 öffnet sich mit Premium oder Mega-Pack

## Fragen und Antworten

question-number = Frage { $number }
question-number-of = Frage { $number }/{ $of }
question =
    { $number } · { $level }
    <b>{ $text }</b>
question-energy =
    { $number } · { $level } · { $energy }
    <b>{ $text }</b>
answer-right = ✅ <b>Richtig!</b>
answer-wrong = ❌ <b>Nicht ganz.</b> Dein Tipp: <s>{ $chosen }</s>
answer-in-gap = { $before }<b>{ $answer }</b>{ $after }
answer-below =
    { $text }
    ➜ <b>{ $answer }</b>
answer-explained = 💡 { $explanation }
level-up = 🎉 <b>Level { $level } erreicht!</b> Ab jetzt wird es kniffliger.
streak-raised = 🔥 <b>{ $days ->
    [one] Dein Streak beginnt: Tag 1!
   *[other] { $days } Tage in Folge!
}</b>
toast-right = ✅ Richtig! { $right }/{ $answered }
toast-right-streak = ✅ Richtig! 🔥 { $days ->
    [one] Tag 1
   *[other] { $days } Tage in Folge
}
toast-wrong = ❌ Nicht ganz – die nächste sitzt!
toast-wrong-last = ❌ Nicht ganz!
toast-level-up = 🎉 Level { $level } erreicht!
toast-repeated-right = Schon beantwortet ✅ Richtig: „{ $answer }“
toast-repeated-wrong = Schon beantwortet ❌ Richtig: „{ $answer }“
toast-round-over = Diese Frage ist vorbei. Auf zur nächsten!
toast-not-yours = Das ist nicht deine Frage. Tippe auf /play für dein eigenes Spiel!
round-over =
    ⌛ <b>Diese Frage ist vorbei.</b>
    Starte einfach eine neue Runde!
welcome-round = Los geht’s!

## Ende eines Spiels

game-stopped =
    🏁 <b>{ $mode } beendet</b>
    { $right } von { $answered } richtig ({ $percent } %) · { $streak }
game-stopped-early =
    🏁 <b>{ $mode } beendet</b>
    Noch keine Antwort – beim nächsten Mal aber!
game-paused =
    ⏸ <b>{ $mode } pausiert</b>
    Mach heute noch fertig – dein Platz auf der Liste wartet!
game-none =
    🙂 Gerade läuft kein Spiel.
    Lust auf eine Runde?
daily-finished = 🎯 <b>Geschafft!</b> Alle Fragen beantwortet.
out-of-questions =
    🙈 Hier gehen uns gerade die Fragen aus.
    Nimm solange einen anderen Modus!

## Energie und Schlösser

energy-empty =
    🪫 <b>Energie leer</b>
    Nächste ⚡ in { $next }, voll in { $full }.
    Lade gleich nach, oder spiel die Tages-Challenge: Die kostet nichts!
toast-energy-empty = 🪫 Energie leer
mode-locked =
    🔒 <b>{ $mode } ist noch zu</b>
    Premium öffnet alle Modi, solange es läuft. Für 24 Stunden reicht das Mega-Pack aus dem Shop.
toast-mode-locked = 🔒 { $mode } ist noch zu

## Tages-Challenge

daily-result =
    🎯 <b>Tages-Challenge vom { $day }</b>
    ✅ { $right } von { $of } richtig · ⏱ { $time }
    🏅 Platz <b>{ $rank }</b> von { $players } · { $streak }
daily-result-tomorrow = Morgen wartet die nächste – bleib dran!

## Streak

streak-short = 🔥 { $days }
streak-none-short = 🔥 noch kein Streak
streak-page = 🔥 <b>Dein Streak: { $days }</b>
streak-page-best = 🏆 Rekord: { $best }
streak-state-none = Ein Spiel heute, und es geht los!
streak-state-active_today = ✅ Heute schon gespielt – stark!
streak-state-at_risk = ⚠️ Spiel heute noch eine Frage, sonst ist er weg!
streak-state-frozen_today = 🧊 Heute eingefroren – dein Streak ist sicher.
streak-saved =
    🛟 <b>Streak gerettet!</b> { $tokens ->
        [one] Ein Streak-Retter ist
       *[other] { $tokens } Streak-Retter sind
    } eingesprungen: { $days }, weiter geht’s!
streak-frozen =
    🧊 <b>Streak eingefroren:</b> { $days }, alles sicher.
    Premium hat die Pause überbrückt.
streak-lost =
    💔 { $lost } in Folge – jetzt ist dein Streak gerissen.
    Heute beginnt dein nächster Rekord!

## Statistik

stats =
    📊 <b>Deine Zahlen</b>
    ✅ { $right } von { $answered } richtig ({ $percent } %) · heute { $today }
    { $streak } · { $energy }
stats-mode = • { $mode }: { $right }/{ $answered }
stats-mode-level = • { $mode } ({ $level }): { $right }/{ $answered }
stats-empty =
    📊 <b>Deine Zahlen</b>
    Noch keine Antworten – das ändern wir jetzt!

## Bestenliste

top = 🏆 <b>Bestenliste: { $period }</b>
top-line = { $rank } { $name } · <b>{ $right }</b> ✅
top-line-own = { $rank } <b>{ $name } · { $right }</b> ✅
top-own = 👉 Du: Platz <b>{ $rank }</b> mit { $right ->
    [one] { $right } Richtigen
   *[other] { $right } Richtigen
}
top-own-none = 👉 Du fehlst hier noch – eine richtige Antwort, und du bist dabei!
top-empty = Noch niemand dabei. Hol dir Platz 1!
top-players = { $players ->
    [one] { $players } Spieler dabei
   *[other] { $players } Spieler dabei
}
rank-1 = 🥇
rank-2 = 🥈
rank-3 = 🥉
rank-other = { $rank }.
period-day = Heute
period-week = Woche
period-all_time = Gesamt

## Einstellungen und Sprache

settings =
    ⚙️ <b>Einstellungen</b>
    Wann soll ich mich melden? Tippe zum Umschalten.
    Alle Zeiten gelten für Berlin.
setting-daily_push = Neue Challenge, 8 Uhr
setting-daily_reminder = Challenge offen, 19 Uhr
setting-streak_reminder = Streak in Gefahr, 20 Uhr
toast-saved = ✅ Gespeichert
language =
    🌍 <b>In welcher Sprache reden wir?</b>
    Die Fragen bleiben natürlich auf Deutsch.
language-changed =
    🇩🇪 <b>Alles klar, ab jetzt auf Deutsch.</b>
    Weiter geht’s!
toast-language = Deutsch ✅

## Erinnerungen und Geschenke

remind-daily_push =
    🎯 <b>Die neue Tages-Challenge ist da!</b>
    7 Fragen, keine Energie nötig. Holst du dir Platz 1?
remind-daily_reminder =
    ⏰ <b>Deine Tages-Challenge wartet noch.</b>
    2 Minuten, 7 Fragen – heute zählt’s!
remind-streak_at_risk =
    🔥 <b>{ $days } Streak in Gefahr!</b>
    Eine Frage genügt, und er lebt weiter.
gift = 🎁 <b>Ein Geschenk für dich!</b>

## Hilfe und Befehle

help =
    ❓ <b>So geht’s</b>
    Frage lesen, Antwort tippen, Punkte sammeln.
    Jede Frage kostet 1 ⚡, alle 30 Minuten kommt 1 ⚡ zurück. Die Tages-Challenge ist frei.
help-line = /{ $command } – { $description }
help-line-premium = /{ $command } 👑 – { $description }
category-game = <b>🎮 Spielen</b>
category-progress = <b>📈 Fortschritt</b>
category-shop = <b>🛍 Shop</b>
category-account = <b>👤 Für dich</b>
category-operations = <b>🛠 Betrieb</b>
command-start = Zum Anfang
command-play = Modus wählen und spielen
command-daily = Die Tages-Challenge
command-streak = Dein Streak
command-stats = Deine Zahlen
command-top = Die Bestenliste
command-shop = Energie, Extras und mehr
command-premium = Endlos spielen, alle Modi
command-purchases = Deine Käufe
command-paysupport = Hilfe bei Käufen
command-settings = Erinnerungen an und aus
command-language = Sprache wechseln
command-help = Alles auf einen Blick
command-terms = Was du kaufst und wie
command-privacy = Was wir von dir speichern
unknown-command = 🤔 Das kenne ich nicht.
unknown-command-nearest = 🤔 Das kenne ich nicht. Meinst du /{ $nearest }?
nudge =
    🙂 Ich verstehe am besten Tipps auf Knöpfe.
    Lust auf eine Frage?
group =
    👋 Gespielt wird im Chat mit mir allein.
    Komm rüber!
room =
    👋 Gruppen, Kanäle und anonyme Admins können nicht mitspielen.
    Schreib mir von deinem eigenen Konto aus, im Chat mit mir allein!

## Hinweise auf Tipps

toast-slow-down = 🐢 Langsam! Gleich geht’s weiter.
slow-down = 🐢 Du bist schneller als ich! Warte kurz, dann geht’s weiter.
toast-forged = Dieser Knopf geht nicht mehr. Tippe auf /play!
toast-moment = ⏳ Einen Moment …
toast-failed = 😕 Das hat nicht geklappt. Tippe auf /play!
failed = 😕 Das hat leider nicht geklappt. Versuch es später noch mal.
