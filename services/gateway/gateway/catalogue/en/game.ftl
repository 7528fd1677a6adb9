### Starquiz in English: one or two short lines, friendly and competitive, always with a next step.
### The names of values ($name) are the same in both languages; a test compares them.

## Introduction (empty chat and profile)

bot-description =
    Practise German, one question at a time: articles, cases, word order and more, from A1 to B2.

    🎯 A daily challenge, the same for everyone
    🔥 Keep your streak and climb the leaderboard

    Tap Start and off you go!
bot-short-description = German quiz from A1 to B2: daily challenge, streaks, leaderboard. 🌟

## Modes

mode-QUICK_MIX_A1A2 = Quick Mix
mode-ARTIKEL_SPRINT = Article Sprint
mode-DAILY_CHALLENGE = Daily Challenge
mode-CASES_PRACTICE = Case Practice
mode-TRENNBARE_VERBEN = Separable Verbs
mode-WORD_ORDER = Word Order

## Building blocks

energy = ⚡ { $amount }
energy-endless = ⚡ ∞
energy-full-in = full in { $time }
time-minutes = { $minutes } min
time-hours = { $hours } h
time-hours-minutes = { $hours } h { $minutes } min
time-clock = { $minutes }:{ $seconds } min
days = { $days ->
    [one] { $days } day
   *[other] { $days } days
}
tokens = 🛟 { $tokens ->
    [one] { $tokens } streak saver
   *[other] { $tokens } streak savers
}
tickets = 🎟 { $tickets ->
    [one] { $tickets } duel ticket
   *[other] { $tickets } duel tickets
}
premium-until = 👑 Premium until { $until }
someone = Player

## Welcome and menu

welcome =
    👋 <b>Hi { $name }!</b> Starquiz makes your German better, one question at a time.
    Four answers, one tap. Can you make today’s top 10?
welcome-back =
    👋 <b>Good to see you, { $name }!</b>
    { $streak } – let’s keep going!
menu =
    🎮 <b>What would you like to play?</b>
    { $energy } · { $streak }
menu-locked-hint = 🔒 opens with Premium or a mega pack

## Questions and answers

question-number = Question { $number }
question-number-of = Question { $number }/{ $of }
question =
    { $number } · { $level }
    <b>{ $text }</b>
question-energy =
    { $number } · { $level } · { $energy }
    <b>{ $text }</b>
answer-right = ✅ <b>Correct!</b>
answer-wrong = ❌ <b>Not quite.</b> You said: <s>{ $chosen }</s>
answer-in-gap = { $before }<b>{ $answer }</b>{ $after }
answer-below =
    { $text }
    ➜ <b>{ $answer }</b>
answer-explained = 💡 { $explanation }
level-up = 🎉 <b>Level { $level } reached!</b> It gets trickier from here.
streak-raised = 🔥 <b>{ $days ->
    [one] Your streak begins: day 1!
   *[other] { $days } days in a row!
}</b>
toast-right = ✅ Correct! { $right }/{ $answered }
toast-right-streak = ✅ Correct! 🔥 { $days ->
    [one] Day 1
   *[other] { $days } days in a row
}
toast-wrong = ❌ Not quite – you’ll get the next one!
toast-wrong-last = ❌ Not quite!
toast-level-up = 🎉 Level { $level } reached!
toast-repeated-right = Already answered ✅ Right answer: “{ $answer }”
toast-repeated-wrong = Already answered ❌ Right answer: “{ $answer }”
toast-round-over = This question is over. On to the next!
toast-not-yours = This is not your question. Tap /play for a game of your own!
round-over =
    ⌛ <b>This question is over.</b>
    Just start a new round!
welcome-round = Let’s go!

## End of a game

game-stopped =
    🏁 <b>{ $mode } finished</b>
    { $right } of { $answered } right ({ $percent }%) · { $streak }
game-stopped-early =
    🏁 <b>{ $mode } finished</b>
    No answer yet – next time for sure!
game-paused =
    ⏸ <b>{ $mode } paused</b>
    Finish it today – your place on the board is waiting!
game-none =
    🙂 No game is running.
    Fancy a round?
daily-finished = 🎯 <b>Done!</b> All questions answered.
out-of-questions =
    🙈 We are out of questions here.
    Try another mode for now!

## Energy and locks

energy-empty =
    🪫 <b>Out of energy</b>
    Next ⚡ in { $next }, full in { $full }.
    Recharge right here, or play the Daily Challenge: it is free!
toast-energy-empty = 🪫 Out of energy
mode-locked =
    🔒 <b>{ $mode } is still locked</b>
    Premium opens all modes while it lasts. For 24 hours the mega pack from the shop will do.
toast-mode-locked = 🔒 { $mode } is still locked

## Daily challenge

daily-result =
    🎯 <b>Daily Challenge, { $day }</b>
    ✅ { $right } of { $of } right · ⏱ { $time }
    🏅 Place <b>{ $rank }</b> of { $players } · { $streak }
daily-result-tomorrow = The next one is up tomorrow – keep going!

## Streak

streak-short = 🔥 { $days }
streak-none-short = 🔥 no streak yet
streak-page = 🔥 <b>Your streak: { $days }</b>
streak-page-best = 🏆 Best: { $best }
streak-state-none = One game today, and off you go!
streak-state-active_today = ✅ Played today – well done!
streak-state-at_risk = ⚠️ Answer one question today, or it is gone!
streak-state-frozen_today = 🧊 Frozen today – your streak is safe.
streak-saved =
    🛟 <b>Streak saved!</b> { $tokens ->
        [one] A streak saver kept
       *[other] { $tokens } streak savers kept
    } your { $days }.
streak-frozen =
    🧊 <b>Streak frozen:</b> you keep { $days }.
    Premium bridged the break.
streak-lost =
    💔 Your streak of { $lost } is broken.
    Your next record starts today!

## Statistics

stats =
    📊 <b>Your stats</b>
    ✅ { $right } of { $answered } right ({ $percent }%) · { $today } today
    { $streak } · { $energy }
stats-mode = • { $mode }: { $right }/{ $answered }
stats-mode-level = • { $mode } ({ $level }): { $right }/{ $answered }
stats-empty =
    📊 <b>Your stats</b>
    No answers yet – let’s change that!

## Leaderboard

top = 🏆 <b>Leaderboard: { $period }</b>
top-line = { $rank } { $name } · <b>{ $right }</b> ✅
top-line-own = { $rank } <b>{ $name } · { $right }</b> ✅
top-own = 👉 You: place <b>{ $rank }</b> with { $right ->
    [one] { $right } right answer
   *[other] { $right } right answers
}
top-own-none = 👉 You are missing – one right answer and you are in!
top-empty = Nobody yet. Take first place!
top-players = { $players ->
    [one] { $players } player
   *[other] { $players } players
}
rank-1 = 🥇
rank-2 = 🥈
rank-3 = 🥉
rank-other = { $rank }.
period-day = Today
period-week = Week
period-all_time = All time

## Settings and language

settings =
    ⚙️ <b>Settings</b>
    When should I write to you? Tap to switch.
    All times are Berlin time.
setting-daily_push = New challenge, 8:00
setting-daily_reminder = Challenge still open, 19:00
setting-streak_reminder = Streak at risk, 20:00
toast-saved = ✅ Saved
language =
    🌍 <b>Which language shall we speak?</b>
    The questions stay German, of course.
language-changed =
    🇬🇧 <b>All right, English from now on.</b>
    Let’s keep going!
toast-language = English ✅

## Reminders and gifts

remind-daily_push =
    🎯 <b>The new Daily Challenge is here!</b>
    7 questions, no energy needed. Will you take first place?
remind-daily_reminder =
    ⏰ <b>Your Daily Challenge is still waiting.</b>
    2 minutes, 7 questions – make today count!
remind-streak_at_risk =
    🔥 <b>Your streak of { $days } is at risk!</b>
    One question keeps it alive.
gift = 🎁 <b>A present for you!</b>

## Help and commands

help =
    ❓ <b>How it works</b>
    Read the question, tap an answer, collect points.
    Each question costs 1 ⚡, and 1 ⚡ comes back every 30 minutes. The Daily Challenge is free.
help-line = /{ $command } – { $description }
help-line-premium = /{ $command } 👑 – { $description }
category-game = <b>🎮 Play</b>
category-progress = <b>📈 Progress</b>
category-shop = <b>🛍 Shop</b>
category-account = <b>👤 For you</b>
category-operations = <b>🛠 Operations</b>
command-start = Back to the start
command-play = Choose a mode and play
command-daily = The Daily Challenge
command-streak = Your streak
command-stats = Your stats
command-top = The leaderboard
command-shop = Energy, extras and more
command-premium = Endless play, all modes
command-purchases = Your purchases
command-paysupport = Help with purchases
command-settings = Reminders on and off
command-language = Change the language
command-help = Everything at a glance
command-terms = What you buy and how
command-privacy = What we keep about you
unknown-command = 🤔 I don’t know that one.
unknown-command-nearest = 🤔 I don’t know that one. Did you mean /{ $nearest }?
nudge =
    🙂 I am best at taps on buttons.
    Fancy a question?
group =
    👋 The game is played in a chat with me alone.
    Come on over!
room =
    👋 Groups, channels and anonymous admins cannot play.
    Write to me from your own account, in a chat with me alone!

## Notes on taps

toast-slow-down = 🐢 Easy! We go on in a moment.
slow-down = 🐢 You are faster than I am! Wait a moment, then we go on.
toast-forged = This button no longer works. Tap /play!
toast-moment = ⏳ One moment …
toast-failed = 😕 That did not work. Tap /play!
failed = 😕 Sorry, that did not work. Please try again later.
