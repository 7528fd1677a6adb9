### Starquiz auf Deutsch: Freunde einladen. Ton und Regeln wie in game.ftl.

command-invite = Freunde einladen
command-referral_link = Dein Einladungslink
button-invite = 👥 Freunde einladen
button-share = 📤 Link teilen
button-reward = { $product }
button-reward-waiting = { $product } ⏳
invite =
    👥 <b>Hol deine Freunde dazu!</b>
    Sie starten mit 10 ⚡ extra, und je drei, die dranbleiben, sind eine Belohnung für dich.

    { $link }
invite-message = Lern mit mir Deutsch bei Starquiz! Mit diesem Link bekommst du 10 ⚡ extra:
invite-step-done = ●
invite-step-missing = ○
invite-progress =
    { $friends ->
        [one] { $steps } Noch ein Freund bis zur nächsten Belohnung.
       *[other] { $steps } Noch { $friends } Freunde bis zur nächsten Belohnung.
    }
invite-bonus =
    🎁 <b>{ $energy } ⚡ geschenkt!</b>
    Weil du eingeladen wurdest und schon so fleißig spielst. Weiter so!
referral-stats =
    👥 <b>Deine Einladungen</b>
    Gestartet: { $started } · dabeigeblieben: { $qualified } · Belohnungen: { $claimed }
    { $progress }
reward-available =
    { $rewards ->
        [one] 🎁 <b>Eine Belohnung wartet auf dich.</b> Such sie dir aus!
       *[other] 🎁 <b>{ $rewards } Belohnungen warten auf dich.</b> Such sie dir aus!
    }
reward-held =
    { $rewards ->
        [one] ⏳ Eine Belohnung kannst du dir ab { $until } aussuchen.
       *[other] ⏳ { $rewards } Belohnungen kannst du dir ab { $until } aussuchen.
    }
reward-deferred =
    { $rewards ->
        [one] 📅 Eine Belohnung wartet auf den nächsten Monat.
       *[other] 📅 { $rewards } Belohnungen warten auf die nächsten Monate.
    }
reward-milestone =
    🎁 <b>Drei Freunde sind dabeigeblieben!</b>
    Such dir deine Belohnung aus:
reward-given-MEGA_PACK_15 =
    🎁 <b>Dein Mega-Pack ist da!</b>
    15 ⚡ und 24 Stunden alle Modi. Los geht’s!
reward-given-PREMIUM_STARTER =
    🎁 <b>7 Tage Premium für dich!</b>
    Endlos ⚡ und alle Modi, ab sofort. Läuft dein Premium schon, kommen die Tage obendrauf.
reward-TOO_EARLY = ⏳ Fast! Ab { $until } kannst du sie dir holen.
reward-MONTHLY_CAP = 📅 Mehr als zwei Belohnungen im Monat gibt es nicht. Ab { $until } geht es weiter.
reward-NO_REWARD = 🤔 Diese Belohnung gibt es nicht mehr. Unter /invite siehst du, wie es steht.
reward-taken-back =
    ↩️ <b>Eine Belohnung zählt nicht mehr: { $product }.</b>
    Die Einladungen dafür waren nicht echt. Fragen? Schreib uns!
toast-reward = 🎁 Viel Spaß damit!
