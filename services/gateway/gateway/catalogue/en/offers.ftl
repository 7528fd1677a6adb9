### Starquiz in English: offers. Tone and rules as in game.ftl. offer-<name> belongs to the offer of that name.

button-offer-away = ✖️ Not now
button-offer-mute = 🔕 Don’t show again
toast-offer-away = All right, on with the game!
toast-offer-muted = All right, you won’t see this one for a while.
offer-discount = 🏷 <b>{ $percent } % off, just for you</b>, until { $until }:
offer-ENERGY_ZERO =
    ⚡ <b>Don’t wait, play on!</b>
    Get fresh energy, or play without limits with Premium.
offer-STREAK_RISK_22 =
    🔥 <b>Your streak is shaky: today’s round is missing!</b>
    Play it before midnight (Berlin), or be on the safe side with a streak saver.
offer-STARTER_EXPIRED =
    👑 <b>Your Premium Starter is over.</b>
    Endless ⚡ felt good, didn’t it? “Month” takes you right back.
offer-LOCKED_MODE_CLICK =
    🔓 <b>Curious about this mode?</b>
    The mega pack opens it right away, for 24 hours, with 15 ⚡ on top.
offer-MEGA_THIRD_BUY =
    🚀 <b>You like playing with the mega pack!</b>
    Premium Starter gives you everything for 7 days, no refills needed.
offer-COMEBACK_3D =
    👋 <b>Good to have you back!</b>
    Win back your lead: with 15 ⚡ and all modes.
offer-ENERGY10_SECOND_BUY =
    🚀 <b>More energy, more modes!</b>
    The mega pack has 15 ⚡ and opens all modes for 24 hours.
offer-MONTH_EXPIRING =
    👑 <b>Your Premium Month is about to end.</b>
    Get the bigger plan now: the days you have left go on top.
offer-ENERGY_LOW =
    🪫 <b>You are almost out of energy.</b>
    With 10 ⚡ more you play on without a break.
offer-STREAK_MILESTONE_30 =
    🏆 <b>30 days and more: what a streak!</b>
    Protect it, in case something gets in the way.
offer-STREAK_GT7 =
    🔥 <b>Over a week in a row, well done!</b>
    Ready for something new? The mega pack opens all modes for 24 hours.
offer-WEEKEND_FLASH =
    🎉 <b>It’s the weekend, time to score!</b>
    The mega pack gives you 15 ⚡ more and all modes for 24 hours.
offer-any =
    ⭐ <b>This takes you further</b>
    Have a look at what fits you right now!
