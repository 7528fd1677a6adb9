### Starquiz auf Deutsch: Promo-Codes. Ton und Regeln wie in game.ftl.

command-promo = Einen Code einlösen
button-code = 🎁 Code einlösen
button-cancel = ✖️ Abbrechen
promo-ask =
    🎁 <b>Wie lautet dein Code?</b>
    Schick ihn einfach als Nachricht. Du hast { $minutes } Minuten Zeit.
promo-late =
    ⌛ <b>Sollte das dein Code sein?</b>
    Die Zeit dafür war um. Tippe auf „Code einlösen“ und schick ihn nochmal!
promo-premium =
    🎁 <b>{ $days } Tage Premium für dich!</b>
    Endlos ⚡ und alle Modi, ab sofort. Läuft dein Premium schon, kommen die Tage obendrauf.
promo-discount =
    🏷 <b>{ $percent } % Rabatt für dich!</b>
    Er ist bis { $until } reserviert. Was darf es sein?
promo-discounted = { $product }: <s>{ $before }</s> <b>{ $now }</b>
promo-discount-nothing =
    🏷 <b>{ $percent } % Rabatt für dich, nur passt gerade nichts.</b>
    Was du damit holen könntest, hast du schon. Spiel weiter!
promo-refused-invalid =
    🤔 <b>Diesen Code kennen wir nicht.</b>
    Schau nochmal genau hin und probier es gleich nochmal!
promo-refused-not_yet =
    ⏳ <b>Dieser Code gilt erst ab { $until }.</b>
    Heb ihn gut auf und schick ihn dann nochmal!
promo-refused-expired =
    ⌛ <b>Dieser Code gilt nicht mehr.</b>
    Macht nichts: Im Shop findest du, was dich weiterbringt.
promo-refused-paused =
    ⏸ <b>Dieser Code macht gerade Pause.</b>
    Heb ihn auf und schick ihn später nochmal!
promo-refused-depleted =
    🏁 <b>Dieser Code ist schon aufgebraucht.</b>
    Andere waren schneller. Hol dir deinen Vorsprung im Spiel zurück!
promo-refused-already_used =
    ✅ <b>Diesen Code hast du schon genutzt.</b>
    Jede Code-Aktion gilt für dich einmal. Spiel gleich weiter!
promo-run-out =
    ⌛ <b>Dein Rabatt mit diesem Code ist gerade abgelaufen.</b>
    Schick den Code ab { $until } einfach nochmal!
promo-refused-not_applicable =
    🙋 <b>Dieser Code passt nicht zu dir.</b>
    Er ist für neue Spieler oder für den ersten Kauf. Im Shop findest du, was zu dir passt.
promo-refused-budget_spent =
    ⏳ <b>Gerade ist dieser Code vergriffen.</b>
    Ab { $until } gibt es Nachschub. Schick ihn dann nochmal!
promo-refused-rate_limited =
    ✋ <b>Das waren zu viele falsche Codes.</b>
    Ab { $until } kannst du wieder einen einlösen. Spiel so lange eine Runde!
promo-tries-left =
    { $tries ->
        [one] Du hast noch einen Versuch, danach ist eine Stunde Pause.
       *[other] Du hast noch { $tries } Versuche, danach ist eine Stunde Pause.
    }
promo-no-tries-left = Das war vorerst der letzte Versuch. Weiter geht es ab { $until }.
