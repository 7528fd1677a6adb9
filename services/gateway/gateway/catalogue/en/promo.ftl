### Starquiz in English: promo codes. Tone and rules as in game.ftl.

command-promo = Redeem a code
button-code = 🎁 Redeem a code
button-cancel = ✖️ Cancel
promo-ask =
    🎁 <b>What’s your code?</b>
    Just send it as a message. You have { $minutes } minutes.
promo-late =
    ⌛ <b>Was that meant to be your code?</b>
    Time was up. Tap “Redeem a code” and send it again!
promo-premium =
    🎁 <b>{ $days } days of Premium for you!</b>
    Endless ⚡ and all modes, right now. If your Premium is running already, the days go on top.
promo-discount =
    🏷 <b>{ $percent } % off for you!</b>
    It is reserved until { $until }. What will it be?
promo-discounted = { $product }: <s>{ $before }</s> <b>{ $now }</b>
promo-discount-nothing =
    🏷 <b>{ $percent } % off for you, but nothing fits right now.</b>
    You already have what it is good for. Play on!
promo-refused-invalid =
    🤔 <b>We don’t know this code.</b>
    Have another close look and give it another go!
promo-refused-not_yet =
    ⏳ <b>This code starts on { $until }.</b>
    Keep it safe and send it again then!
promo-refused-expired =
    ⌛ <b>This code is no longer valid.</b>
    Never mind: the shop has what takes you further.
promo-refused-paused =
    ⏸ <b>This code is taking a break.</b>
    Keep it and send it again later!
promo-refused-depleted =
    🏁 <b>This code is used up.</b>
    Others were faster. Win your lead back in the game!
promo-refused-already_used =
    ✅ <b>You have already used this code.</b>
    Each code promotion counts once for you. Play right on!
promo-run-out =
    ⌛ <b>Your discount with this code has just run out.</b>
    Simply send the code again from { $until }!
promo-refused-not_applicable =
    🙋 <b>This code doesn’t fit you.</b>
    It is for new players or for a first purchase. The shop has what fits you.
promo-refused-budget_spent =
    ⏳ <b>This code is sold out for now.</b>
    There is more from { $until } on. Send it again then!
promo-refused-rate_limited =
    ✋ <b>Those were too many wrong codes.</b>
    You can redeem one again from { $until } on. Play a round until then!
promo-tries-left =
    { $tries ->
        [one] You have one try left, then there is an hour’s break.
       *[other] You have { $tries } tries left, then there is an hour’s break.
    }
promo-no-tries-left = That was the last try for now. You can go on from { $until } on.
