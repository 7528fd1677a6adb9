### Starquiz auf Deutsch: Partner. Ton und Regeln wie in game.ftl.

category-partner = <b>🤝 Partner</b>
command-affiliate = Partner werden und verdienen
command-payout = Deine Stars auszahlen lassen
button-affiliate = 🤝 Partner-Seite
button-affiliate-apply = 🤝 Jetzt bewerben
button-affiliate-chart = 📈 Verlauf als Bild
button-affiliate-payout = 💸 Auszahlen
button-affiliate-share = 📣 Link teilen
button-payout-gift = 🎁 { $months } Monate · { $stars } ⭐
button-payout-external = 🏦 Alles · { $stars } ⭐
affiliate-share = Lerne mit mir Deutsch, spielend in Telegram!
affiliate-invite =
    🤝 <b>Werde Partner!</b>
    Bring neue Spieler mit und verdiene { $first } von allem, was sie in den ersten 30 Tagen kaufen. Danach { $later }.

    Bewirb dich, wir melden uns hier bei dir.
affiliate-applied =
    ⏳ <b>Deine Bewerbung ist da!</b>
    Wir schauen sie uns an und melden uns hier. Spiel so lange weiter!
affiliate-rejected =
    🙋 <b>Diesmal hat es nicht geklappt.</b>
    Du kannst dich jederzeit nochmal bewerben.
affiliate-banned =
    ⏸ <b>Dein Partnerkonto ist gesperrt.</b>
    Fragen dazu? /paysupport hilft dir weiter.
affiliate-page =
    🤝 <b>Deine Partner-Seite</b>
    { $link }

    👥 { $starts } gestartet · { $answered } mit 20 Antworten · { $payers } mit Kauf
    💫 { $first } in den ersten 30 Tagen, danach { $later }
affiliate-earned =
    ⏳ Vorgemerkt: <b>{ $pending } ⭐</b> (30 Tage lang)
    ✅ Auszahlbar: <b>{ $payable } ⭐</b>
    💸 Ausgezahlt: <b>{ $paid } ⭐</b>
affiliate-in-payout = 📤 Gerade unterwegs: <b>{ $stars } ⭐</b>
affiliate-owing = Erstattete Käufe verrechnen wir mit deinen nächsten Stars.
affiliate-held = ⏸ Wir prüfen gerade etwas. Deine Stars bleiben vorgemerkt, Auszahlungen machen kurz Pause.
affiliate-payouts = <b>Auszahlungen</b>
affiliate-payout-line = { $day } · { $what } · { $state }
affiliate-to-go = Ab { $least } ⭐ kannst du sie dir auszahlen lassen. Es fehlen noch { $missing } ⭐.
affiliate-payout-choice =
    💸 <b>Wie möchtest du deine Stars?</b>
    Auszahlbar sind { $payable } ⭐. Telegram Premium schenken wir dir direkt, für alles andere melden wir uns bei dir.
affiliate-chart-title = Deine Provision je Woche, in Stars
affiliate-chart-empty = Noch keine Provision. Teile deinen Link!
affiliate-chart-caption = 📈 <b>Deine letzten 12 Wochen</b>: { $stars } ⭐
payout-what-PREMIUM_GIFT = { $months } Monate Telegram Premium ({ $stars } ⭐)
payout-what-EXTERNAL = { $stars } ⭐
payout-state-REQUESTED = angefragt
payout-state-APPROVED = freigegeben
payout-state-SENDING = unterwegs
payout-state-SENT = ausgezahlt
payout-state-FAILED = nicht geklappt
payout-state-CANCELED = abgebrochen
payout-asked = Angefragt! Wir melden uns hier.
payout-refused-no_partner = Das ist für Partner. Bewirb dich!
payout-refused-on_hold = Wir prüfen gerade etwas. Versuch es später nochmal!
payout-refused-too_little = Dafür reichen deine Stars noch nicht.
payout-refused-one_is_open = Eine Auszahlung läuft schon.
payout-refused-not_sold = Das gibt es nicht. Wähl etwas anderes!
payout-told-APPROVED =
    ✅ <b>Deine Auszahlung ist freigegeben!</b>
    { $what }. Wir kümmern uns darum und melden uns.
payout-told-SENDING =
    🎁 <b>Dein Geschenk ist unterwegs!</b>
    { $what }. Gleich ist es da.
payout-told-SENT =
    🎉 <b>Ausgezahlt!</b>
    { $what }. Danke, dass du Starquiz weiterempfiehlst!
payout-told-FAILED =
    🙋 <b>Deine Auszahlung hat nicht geklappt.</b>
    Die Stars sind wieder auszahlbar. Frag sie einfach nochmal an!
payout-told-CANCELED =
    🙋 <b>Deine Auszahlung wurde abgebrochen.</b>
    Die Stars sind wieder auszahlbar. Fragen? /paysupport hilft dir weiter.
partner-told-APPROVED =
    🎉 <b>Du bist jetzt Partner!</b>
    Auf deiner Seite liegt dein Link. Teile ihn und verdiene mit.
partner-told-REJECTED =
    🙋 <b>Diesmal hat es mit der Partnerschaft nicht geklappt.</b>
    Du kannst dich jederzeit nochmal bewerben.
partner-told-BANNED =
    ⏸ <b>Dein Partnerkonto ist gesperrt.</b>
    Fragen dazu? /paysupport hilft dir weiter.
