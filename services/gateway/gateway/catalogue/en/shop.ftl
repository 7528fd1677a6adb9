### Starquiz in English: the shop, receipts, help with purchases. Tone and rules as in game.ftl.

## Buttons

button-shop = 🛍 Shop
button-premium = 👑 Premium
button-purchases = 🧾 Purchases
button-support = 🤝 Purchase help
button-buy = Get { $product }
button-buy-price = { $product } · { $price }

## Shop

product-ENERGY_10 = ⚡ 10 energy
product-MEGA_PACK_15 = 🚀 Mega pack
product-STREAK_SAVER_20 = 🛟 Streak saver
product-DUEL_TICKET_5 = 🎟 Duel ticket
product-PREMIUM_STARTER = 👑 Premium Starter
product-PREMIUM_MONTH = 👑 Premium Month
product-PREMIUM_SEASON = 👑 Premium Season
product-PREMIUM_YEAR = 👑 Premium Year
gives-ENERGY_10 = 10 more ⚡ right away, and they never expire.
gives-MEGA_PACK_15 = 15 more ⚡ right away, and all modes for 24 hours.
gives-STREAK_SAVER_20 = Miss a day and your streak lives on.
gives-DUEL_TICKET_5 = One more duel when the free ones are gone.
gives-PREMIUM_STARTER = 7 days of endless ⚡ and all modes.
gives-PREMIUM_MONTH = 30 days of endless ⚡ and all modes, plus 1 streak freeze a week.
gives-PREMIUM_SEASON = 90 days of endless ⚡ and all modes, plus unlimited streak freezes.
gives-PREMIUM_YEAR = 365 days of endless ⚡ and all modes, plus unlimited streak freezes.
price-stars = ⭐ { $amount }
price-money = { $whole }.{ $cents } { $currency }
time-day = { $day }, { $time }
shop =
    🛍 <b>Shop</b>
    What gets you ahead today?
shop-line = <b>{ $product }</b> · { $price }
shop-empty = The shelf is empty right now. Come back soon!
shop-premium =
    <b>👑 Premium</b> · from { $price }
    Endless ⚡, all modes. Streak freezes from Month up.
premium =
    👑 <b>Premium</b>
    Play as much as you like. It ends by itself, nothing renews.
premium-running = ✅ <b>{ $plan }</b> runs until { $until }.
premium-upgrade = A bigger plan starts right away, and the days you have left go on top.
closed = 🚫 Not available right now.
closed-saver = ⏳ One a week. The next one from { $until }.
closed-premium = 🔒 Your Premium has this already.
toast-invoice = 👇 Almost yours! Pay right below.
toast-invoice-again = 👇 Here it is again. Paying once is enough!
toast-not-bought = 🤔 Not possible right now. See below why.
refused-saver =
    🛟 <b>One streak saver a week.</b>
    You can get the next one from { $until }.
refused-premium =
    👑 <b>Your Premium is running until { $until }.</b>
    A bigger one is always possible: it starts right away, and the days you have left go on top.
refused-premium-top =
    👑 <b>You have the biggest Premium, until { $until }.</b>
    There is nothing above it. Show what you can do!
refused-discount_invalid =
    🏷 <b>This discount has ended.</b>
    At the normal price it is yours right away.
refused-quote_lapsed =
    ⌛ <b>That price was good for 15 minutes.</b>
    Tap again and we will get the new one.
refused-not_on_sale =
    🚫 <b>{ $product } is not available right now.</b>
    See what else is in the shop!

## Receipts and purchases

receipt-ENERGY_10 =
    ✅ <b>Thank you! 10 ⚡ are here.</b>
    They never expire. On we go!
receipt-MEGA_PACK_15 =
    ✅ <b>Thank you! 15 ⚡ are here.</b>
    All modes stay open for 24 hours more. On we go!
receipt-STREAK_SAVER_20 =
    ✅ <b>Thank you! Your streak saver is here.</b>
    Miss a day and it steps in by itself.
receipt-DUEL_TICKET_5 =
    ✅ <b>Thank you! Your duel ticket is here.</b>
    It is waiting for your next duel.
receipt-premium =
    ✅ <b>Thank you! { $plan } runs until { $until }.</b>
    Endless ⚡ and all modes: show what you can do!
receipt-paid = 🧾 { $price } · { $at }
receipt-question = 👆 Your question from before is still waiting.
refunded = ↩️ <b>{ $price } back with you.</b>
refunded-taken = In return we took back: { $product }, as far as it was still there.
refunded-double = { $product } was paid twice. Your purchase before stays yours.
refunded-nothing = { $product } had not been booked yet. Everything is as it was!
purchases = 🧾 <b>Your purchases</b>
purchases-empty =
    🧾 <b>Your purchases</b>
    Nothing yet. The shop has what gets you ahead!
purchase-line = <b>{ $product }</b> · { $price } · { $day }
purchase-CREATED = 🕓 Not paid yet
purchase-INVOICE_SENT = 🕓 Not paid yet
purchase-PRECHECKOUT_OK = 🕓 Not paid yet
purchase-PAID_UNCREDITED = ⏳ Paid, arriving any moment
purchase-CREDITED = ✅ Paid and delivered
purchase-REFUND_PENDING = ↩️ Your payment is on its way back to you
purchase-REFUNDED = ↩️ Paid back
purchase-FAILED = ✖️ Not paid, expired
purchase-REVIEW = 🔎 Paid, we are looking into it
precheckout-unknown_payload = We do not know this invoice. Get a new one with /shop!
precheckout-other_player = This invoice is not yours. Get your own with /shop!
precheckout-other_amount = The price has changed. Get a new invoice with /shop!
precheckout-lapsed = This invoice is paid already or no longer valid. Get a new one with /shop!
precheckout-not_on_sale = Not available right now. See what else there is with /shop!
precheckout-saver_limit = One streak saver a week, and you have yours already.
precheckout-premium_rank = Your Premium is already running. Find bigger plans with /premium!
precheckout-discount_invalid = The discount has ended. Get it at the normal price with /shop.
precheckout-later = That did not work just now, you have not paid anything. Try again in a moment!

## Help with purchases, terms, data

support =
    🤝 <b>Help with purchases</b>
    Something wrong? We look into it. If it went wrong on our side, you get your Stars back.
support-contact = Write to { $contact }: what you bought and when.
support-no-contact = Whoever runs this bot has not named a contact for this yet. Look in here again soon.
support-telegram = Telegram’s own support cannot help with purchases in Starquiz.
terms =
    📄 <b>Terms</b>
    • You buy extras for Starquiz: ⚡, modes, streak savers and Premium. They are good in this game only.
    • You pay with Telegram Stars. What you buy is yours right after paying.
    • ⚡ that you bought never expire. The mega pack opens all modes for 24 hours, Premium lasts as long as your plan. Nothing renews by itself.
    • You get Stars back through support: /paysupport. We then take back what is left of what you bought.
privacy =
    🔒 <b>Your data</b>
    • From Telegram: your ID, first name, user name and language. Others see your name and points on the leaderboard.
    • From the game: answers, points, streaks and what you own. We keep it as long as you are here.
    • Purchases stay in our books. How you pay for your Stars only Telegram knows.
    • For 14 days a log says when you used which command or button. What you write is not stored there.
    • Technical numbers of messages are deleted after 30 days.
privacy-contact = • Questions, or want everything deleted? Write to { $contact }.
privacy-no-contact = • Questions, or want everything deleted? Whoever runs this bot has not named a contact for this yet.
