### Starquiz auf Deutsch: Angebote. Ton und Regeln wie in game.ftl. offer-<Name> gehört zum Angebot dieses Namens.

button-offer-away = ✖️ Nicht jetzt
button-offer-mute = 🔕 Nicht mehr zeigen
toast-offer-away = Alles klar, weiter geht’s!
toast-offer-muted = Alles klar, das siehst du erst mal nicht mehr.
offer-discount = 🏷 <b>{ $percent } % Rabatt nur für dich</b>, bis { $until }:
offer-ENERGY_ZERO =
    ⚡ <b>Nicht warten, weiterspielen!</b>
    Hol dir neue Energie, oder spiel mit Premium ohne Ende.
offer-STREAK_RISK_22 =
    🔥 <b>Dein Streak wackelt: Heute fehlt noch eine Runde!</b>
    Spiel sie vor Mitternacht, oder geh mit dem Streak-Retter auf Nummer sicher.
offer-STARTER_EXPIRED =
    👑 <b>Dein Premium Starter ist vorbei.</b>
    Endlos ⚡ war doch gut, oder? Mit „Monat“ geht es sofort weiter.
offer-LOCKED_MODE_CLICK =
    🔓 <b>Neugierig auf diesen Modus?</b>
    Das Mega-Pack öffnet ihn gleich, 24 Stunden lang, und 15 ⚡ sind auch drin.
offer-MEGA_THIRD_BUY =
    🚀 <b>Du spielst gern mit dem Mega-Pack!</b>
    Mit Premium Starter hast du 7 Tage lang alles, ganz ohne Nachladen.
offer-COMEBACK_3D =
    👋 <b>Schön, dass du wieder da bist!</b>
    Hol dir deinen Vorsprung zurück: mit 15 ⚡ und allen Modi.
offer-ENERGY10_SECOND_BUY =
    🚀 <b>Mehr Energie, mehr Modi!</b>
    Im Mega-Pack sind 15 ⚡, und alle Modi stehen dir 24 Stunden offen.
offer-MONTH_EXPIRING =
    👑 <b>Dein Premium Monat läuft bald aus.</b>
    Hol dir jetzt den größeren Plan: Deine restlichen Tage kommen obendrauf.
offer-ENERGY_LOW =
    🪫 <b>Gleich ist deine Energie leer.</b>
    Mit 10 ⚡ mehr spielst du ohne Pause weiter.
offer-STREAK_MILESTONE_30 =
    🏆 <b>30 Tage und mehr: Was für ein Streak!</b>
    Schütze ihn, falls mal etwas dazwischenkommt.
offer-STREAK_GT7 =
    🔥 <b>Über eine Woche am Stück, stark!</b>
    Lust auf Neues? Das Mega-Pack öffnet alle Modi für 24 Stunden.
offer-WEEKEND_FLASH =
    🎉 <b>Wochenende, Zeit zum Punkten!</b>
    Mit dem Mega-Pack hast du 15 ⚡ mehr und 24 Stunden lang alle Modi.
offer-any =
    ⭐ <b>Das bringt dich weiter</b>
    Schau mal, was gerade zu dir passt!
