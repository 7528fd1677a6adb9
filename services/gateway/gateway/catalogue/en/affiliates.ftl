### Starquiz in English: partners. Tone and rules as in game.ftl.

category-partner = <b>🤝 Partner</b>
command-affiliate = Become a partner and earn
command-payout = Pay out your Stars
button-affiliate = 🤝 Partner page
button-affiliate-apply = 🤝 Apply now
button-affiliate-chart = 📈 As a picture
button-affiliate-payout = 💸 Pay out
button-affiliate-share = 📣 Share the link
button-payout-gift = 🎁 { $months } months · { $stars } ⭐
button-payout-external = 🏦 All of it · { $stars } ⭐
affiliate-share = Practise German with me, a game inside Telegram!
affiliate-invite =
    🤝 <b>Become a partner!</b>
    Bring new players and earn { $first } of all they buy in their first 30 days. After that { $later }.

    Apply, and we’ll get back to you here.
affiliate-applied =
    ⏳ <b>We have your application!</b>
    We’ll look at it and get back to you here. Play on until then!
affiliate-rejected =
    🙋 <b>It didn’t work out this time.</b>
    You can apply again whenever you like.
affiliate-banned =
    ⏸ <b>Your partner account is closed.</b>
    Any questions? /paysupport helps you.
affiliate-page =
    🤝 <b>Your partner page</b>
    { $link }

    👥 { $starts } started · { $answered } with 20 answers · { $payers } bought
    💫 { $first } in the first 30 days, then { $later }
affiliate-earned =
    ⏳ Noted: <b>{ $pending } ⭐</b> (for 30 days)
    ✅ Payable: <b>{ $payable } ⭐</b>
    💸 Paid out: <b>{ $paid } ⭐</b>
affiliate-in-payout = 📤 On its way: <b>{ $stars } ⭐</b>
affiliate-owing = Refunded purchases are settled with your next Stars.
affiliate-held = ⏸ We are looking at something. Your Stars stay noted, payouts take a short break.
affiliate-payouts = <b>Payouts</b>
affiliate-payout-line = { $day } · { $what } · { $state }
affiliate-to-go = You can pay out from { $least } ⭐ on. { $missing } ⭐ to go.
affiliate-payout-choice =
    💸 <b>How would you like your Stars?</b>
    { $payable } ⭐ are payable. Telegram Premium is our gift right here, for anything else we’ll get in touch.
affiliate-chart-title = Your commission by week, in Stars
affiliate-chart-empty = No commission yet. Share your link!
affiliate-chart-caption = 📈 <b>Your last 12 weeks</b>: { $stars } ⭐
payout-what-PREMIUM_GIFT = { $months } months of Telegram Premium ({ $stars } ⭐)
payout-what-EXTERNAL = { $stars } ⭐
payout-state-REQUESTED = asked for
payout-state-APPROVED = approved
payout-state-SENDING = on its way
payout-state-SENT = paid out
payout-state-FAILED = didn’t work
payout-state-CANCELED = canceled
payout-asked = Asked for! We’ll get back to you here.
payout-refused-no_partner = That is for partners. Apply!
payout-refused-on_hold = We are looking at something. Try again later!
payout-refused-too_little = Your Stars don’t reach that yet.
payout-refused-one_is_open = A payout is under way already.
payout-refused-not_sold = There is no such thing. Choose another!
payout-told-APPROVED =
    ✅ <b>Your payout is approved!</b>
    { $what }. We’ll see to it and get back to you.
payout-told-SENDING =
    🎁 <b>Your gift is on its way!</b>
    { $what }. It will be there in a moment.
payout-told-SENT =
    🎉 <b>Paid out!</b>
    { $what }. Thank you for spreading Starquiz!
payout-told-FAILED =
    🙋 <b>Your payout didn’t work.</b>
    The Stars are payable again. Simply ask for them once more!
payout-told-CANCELED =
    🙋 <b>Your payout was canceled.</b>
    The Stars are payable again. Any questions? /paysupport helps you.
partner-told-APPROVED =
    🎉 <b>You are a partner now!</b>
    Your link is on your page. Share it and earn.
partner-told-REJECTED =
    🙋 <b>The partnership didn’t work out this time.</b>
    You can apply again whenever you like.
partner-told-BANNED =
    ⏸ <b>Your partner account is closed.</b>
    Any questions? /paysupport helps you.
