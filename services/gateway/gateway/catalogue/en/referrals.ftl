### Starquiz in English: inviting friends. Tone and rules as in game.ftl.

command-invite = Invite friends
command-referral_link = Your invite link
button-invite = 👥 Invite friends
button-share = 📤 Share link
button-reward = { $product }
button-reward-waiting = { $product } ⏳
invite =
    👥 <b>Bring your friends!</b>
    They start with 10 ⚡ extra, and every three who keep playing are a reward for you.

    { $link }
invite-message = Learn German with me on Starquiz! With this link you get 10 ⚡ extra:
invite-step-done = ●
invite-step-missing = ○
invite-progress =
    { $friends ->
        [one] { $steps } One more friend until your next reward.
       *[other] { $steps } { $friends } more friends until your next reward.
    }
invite-bonus =
    🎁 <b>{ $energy } ⚡ as a gift!</b>
    Because you were invited and are already on a roll. Keep going!
referral-stats =
    👥 <b>Your invitations</b>
    Started: { $started } · kept playing: { $qualified } · rewards: { $claimed }
    { $progress }
reward-available =
    { $rewards ->
        [one] 🎁 <b>A reward is waiting for you.</b> Take your pick!
       *[other] 🎁 <b>{ $rewards } rewards are waiting for you.</b> Take your pick!
    }
reward-held =
    { $rewards ->
        [one] ⏳ One reward can be chosen from { $until }.
       *[other] ⏳ { $rewards } rewards can be chosen from { $until }.
    }
reward-deferred =
    { $rewards ->
        [one] 📅 One reward is waiting for next month.
       *[other] 📅 { $rewards } rewards are waiting for the next months.
    }
reward-milestone =
    🎁 <b>Three friends kept playing!</b>
    Choose your reward:
reward-given-MEGA_PACK_15 =
    🎁 <b>Your mega pack is here!</b>
    15 ⚡ and all modes for 24 hours. Off you go!
reward-given-PREMIUM_STARTER =
    🎁 <b>7 days of premium for you!</b>
    Endless ⚡ and all modes, right now. If your premium is running, the days come on top.
reward-TOO_EARLY = ⏳ Almost! You can pick it up from { $until }.
reward-MONTHLY_CAP = 📅 Two rewards a month is the limit. You can go on from { $until }.
reward-NO_REWARD = 🤔 This reward is gone. /invite shows you where you stand.
reward-taken-back =
    ↩️ <b>A reward no longer counts: { $product }.</b>
    Its invitations were not real. Questions? Write to us!
toast-reward = 🎁 Enjoy!
