### Starquiz auf Deutsch: der Shop, Belege, Hilfe beim Kauf. Ton und Regeln wie in game.ftl.

## Knöpfe

button-shop = 🛍 Shop
button-premium = 👑 Premium
button-purchases = 🧾 Käufe
button-support = 🤝 Hilfe beim Kauf
button-buy = { $product } holen
button-buy-price = { $product } · { $price }

## Shop

product-ENERGY_10 = ⚡ 10 Energie
product-MEGA_PACK_15 = 🚀 Mega-Pack
product-STREAK_SAVER_20 = 🛟 Streak-Retter
product-DUEL_TICKET_5 = 🎟 Duell-Ticket
product-PREMIUM_STARTER = 👑 Premium Starter
product-PREMIUM_MONTH = 👑 Premium Monat
product-PREMIUM_SEASON = 👑 Premium Saison
product-PREMIUM_YEAR = 👑 Premium Jahr
gives-ENERGY_10 = Sofort 10 ⚡ mehr, und sie verfallen nicht.
gives-MEGA_PACK_15 = Sofort 15 ⚡ mehr und alle Modi für 24 Stunden.
gives-STREAK_SAVER_20 = Verpasst du einen Tag, bleibt dein Streak.
gives-DUEL_TICKET_5 = Ein Duell mehr, wenn die freien weg sind.
gives-PREMIUM_STARTER = 7 Tage endlos ⚡ und alle Modi.
gives-PREMIUM_MONTH = 30 Tage endlos ⚡ und alle Modi, dazu 1 Streak-Pause pro Woche.
gives-PREMIUM_SEASON = 90 Tage endlos ⚡ und alle Modi, dazu Streak-Pausen ohne Grenze.
gives-PREMIUM_YEAR = 365 Tage endlos ⚡ und alle Modi, dazu Streak-Pausen ohne Grenze.
price-stars = ⭐ { $amount }
price-money = { $whole },{ $cents } { $currency }
time-day = { $day }, { $time } Uhr
shop =
    🛍 <b>Shop</b>
    Was bringt dich heute weiter?
shop-line = <b>{ $product }</b> · { $price }
shop-empty = Gerade ist das Regal leer. Schau bald wieder rein!
shop-premium =
    <b>👑 Premium</b> · ab { $price }
    Endlos ⚡, alle Modi. Ab „Monat“ auch Schutz für deinen Streak.
premium =
    👑 <b>Premium</b>
    Spiel, so viel du willst. Es endet von selbst, nichts verlängert sich.
premium-running = ✅ <b>{ $plan }</b> läuft bis { $until }.
premium-upgrade = Ein größerer Plan startet sofort, deine restlichen Tage kommen obendrauf.
closed = 🚫 Gerade nicht zu haben.
closed-saver = ⏳ Einer pro Woche. Der nächste ab { $until }.
closed-premium = 🔒 Steckt schon in deinem Premium.
toast-invoice = 👇 Fast deins! Bezahl gleich hier unten.
toast-invoice-again = 👇 Hier nochmal für dich. Einmal bezahlen genügt!
toast-not-bought = 🤔 Das geht gerade nicht. Unten steht, warum.
refused-saver =
    🛟 <b>Einen Streak-Retter gibt es pro Woche.</b>
    Den nächsten bekommst du ab { $until }.
refused-premium =
    👑 <b>Dein Premium läuft schon, bis { $until }.</b>
    Größer geht immer: Start sofort, deine restlichen Tage kommen obendrauf.
refused-premium-top =
    👑 <b>Du hast das größte Premium, bis { $until }.</b>
    Mehr geht nicht. Zeig, was du kannst!
refused-discount_invalid =
    🏷 <b>Dieser Rabatt gilt nicht mehr.</b>
    Zum normalen Preis ist es sofort deins.
refused-quote_lapsed =
    ⌛ <b>Dieser Preis galt 15 Minuten.</b>
    Tippe nochmal, dann holen wir den neuen.
refused-not_on_sale =
    🚫 <b>{ $product } gibt es gerade nicht.</b>
    Schau, was sonst im Shop liegt!

## Belege und Käufe

receipt-ENERGY_10 =
    ✅ <b>Danke! 10 ⚡ sind da.</b>
    Sie verfallen nicht. Weiter geht’s!
receipt-MEGA_PACK_15 =
    ✅ <b>Danke! 15 ⚡ sind da.</b>
    Alle Modi sind jetzt 24 Stunden länger offen. Weiter geht’s!
receipt-STREAK_SAVER_20 =
    ✅ <b>Danke! Dein Streak-Retter ist da.</b>
    Verpasst du einen Tag, springt er von selbst ein.
receipt-DUEL_TICKET_5 =
    ✅ <b>Danke! Dein Duell-Ticket ist da.</b>
    Es wartet auf dein nächstes Duell.
receipt-premium =
    ✅ <b>Danke! { $plan } läuft bis { $until }.</b>
    Endlos ⚡ und alle Modi: Zeig, was du kannst!
receipt-paid = 🧾 { $price } · { $at }
receipt-question = 👆 Deine Frage von eben wartet noch.
refunded = ↩️ <b>{ $price } zurück bei dir.</b>
refunded-taken = Dafür haben wir zurückgenommen: { $product }, soweit noch da.
refunded-double = { $product } war doppelt bezahlt. Dein Kauf davor bleibt dir.
refunded-nothing = { $product } war noch nicht gebucht. Alles wieder beim Alten!
purchases = 🧾 <b>Deine Käufe</b>
purchases-empty =
    🧾 <b>Deine Käufe</b>
    Noch nichts dabei. Im Shop findest du, was dich weiterbringt!
purchase-line = <b>{ $product }</b> · { $price } · { $day }
purchase-CREATED = 🕓 Noch nicht bezahlt
purchase-INVOICE_SENT = 🕓 Noch nicht bezahlt
purchase-PRECHECKOUT_OK = 🕓 Noch nicht bezahlt
purchase-PAID_UNCREDITED = ⏳ Bezahlt, kommt gleich an
purchase-CREDITED = ✅ Bezahlt und angekommen
purchase-REFUND_PENDING = ↩️ Die Zahlung geht gerade an dich zurück
purchase-REFUNDED = ↩️ Zurückgezahlt
purchase-FAILED = ✖️ Nicht bezahlt, abgelaufen
purchase-REVIEW = 🔎 Bezahlt, wir schauen es uns an
precheckout-unknown_payload = Diese Rechnung kennen wir nicht. Hol dir mit /shop eine neue!
precheckout-other_player = Diese Rechnung ist nicht deine. Hol dir mit /shop deine eigene!
precheckout-other_amount = Der Preis stimmt nicht mehr. Hol dir mit /shop eine neue Rechnung!
precheckout-lapsed = Diese Rechnung ist schon bezahlt oder gilt nicht mehr. Hol dir mit /shop eine neue!
precheckout-not_on_sale = Das gibt es gerade nicht. Schau mit /shop, was sonst da ist!
precheckout-saver_limit = Einen Streak-Retter gibt es pro Woche, deinen hast du schon.
precheckout-premium_rank = Dein Premium läuft schon. Größere Pläne findest du mit /premium!
precheckout-discount_invalid = Der Rabatt gilt nicht mehr. Mit /shop geht es zum normalen Preis.
precheckout-later = Das hat gerade nicht geklappt, du hast nichts bezahlt. Versuch es gleich nochmal!

## Hilfe beim Kauf, Bedingungen, Daten

support =
    🤝 <b>Hilfe bei Käufen</b>
    Etwas stimmt nicht? Wir schauen nach. Ging bei uns etwas schief, bekommst du deine Stars zurück.
support-contact = Schreib an { $contact }: was du gekauft hast und wann.
support-no-contact = Wer diesen Bot betreibt, hat dafür noch keinen Kontakt angegeben. Schau bald wieder hier rein.
support-telegram = Der Support von Telegram kann bei Käufen in Starquiz nicht helfen.
terms =
    📄 <b>Bedingungen</b>
    • Du kaufst Extras für Starquiz: ⚡, Modi, Streak-Retter und Premium. Sie gelten nur hier im Spiel.
    • Bezahlt wird mit Telegram-Stars. Was du kaufst, ist gleich nach dem Bezahlen da.
    • Gekaufte ⚡ verfallen nicht. Das Mega-Pack öffnet alle Modi für 24 Stunden, Premium gilt so lange wie dein Plan. Nichts verlängert sich von selbst.
    • Stars zurück gibt es über den Support: /paysupport. Was vom Gekauften noch da ist, nehmen wir dann zurück.
privacy =
    🔒 <b>Deine Daten</b>
    • Von Telegram: deine ID, dein Vorname, dein Nutzername und deine Sprache. Name und Punkte sehen andere in der Bestenliste.
    • Aus dem Spiel: Antworten, Punkte, Streaks und was du besitzt. Das bleibt, solange du dabei bist.
    • Käufe bleiben in unseren Büchern. Womit du deine Stars bezahlst, weiß nur Telegram.
    • 14 Tage lang steht in einem Protokoll, wann du welchen Befehl oder Knopf benutzt hast. Was du schreibst, speichern wir dort nicht.
    • Technische Nummern von Nachrichten löschen wir nach 30 Tagen.
privacy-contact = • Fragen, oder alles löschen lassen? Schreib an { $contact }.
privacy-no-contact = • Fragen, oder alles löschen lassen? Einen Kontakt dafür hat der Betreiber dieses Bots noch nicht angegeben.
