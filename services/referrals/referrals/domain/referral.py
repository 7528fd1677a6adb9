"""A referral: the link by which a player made their first contact, and what becomes of it (DOMAIN §9).

How it stands follows from what is known, whatever the order in which it was heard: `standing`.
"""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from contracts.berlin import day_of
from contracts.referrals import FraudRule, LinkKind, ReferralState, RefusedLink
from referrals.domain.progress import LATE_WORDS, NOTHING, QUALIFYING_WITHIN, Answer, Progress, Returned

_NOT_RETURNED = Returned()


class Verdict(StrEnum):
    """What ops said last of a referral."""

    FRAUD = "FRAUD"
    CANCELED = "CANCELED"


class Referral(msgspec.Struct, kw_only=True):
    """One player's. Its key is the player, so nobody is bound twice."""

    player_id: int
    kind: LinkKind
    value: str
    referrer_id: int | None = None
    """Whose link it is; None: nobody's of the players', or a duel's whose maker is not known."""
    is_known: bool = True
    """Whether anybody made such a link."""
    touched_at: datetime
    """When the link was opened: the start."""
    state: ReferralState = ReferralState.WAITING
    refused: RefusedLink | None = None
    started_on: date | None = None
    """The Berlin day of the start; None while it does not bind."""
    changed_at: datetime
    score: int = 0
    """How sure a fraud rule is that this is none; 0: no rule says so."""
    rule: FraudRule | None = None
    """The rule that says so."""
    verdict: Verdict | None = None
    """What ops decided; None: nothing, or to leave it to the rules."""
    is_cleared: bool = False
    """Whether ops looked at it and opened it again: no rule rejects it any more."""
    left_at: datetime | None = None
    """When the player left first; None: they did not."""
    lapsed_at: datetime | None = None
    """When its 14 days were found to be over."""
    progress: Progress = NOTHING
    qualified_at: datetime | None = None
    """The answer that made it qualify, while it counts."""
    bonus_at: datetime | None = None
    """When the invited player's energy was given."""
    returned: Returned = _NOT_RETURNED

    @property
    def is_bound(self) -> bool:
        """Whether the player is the link's, honest or not."""
        return self.started_on is not None

    @property
    def is_fraud(self) -> bool:
        """Whether it is rejected, by a rule or by ops."""
        return self.state is ReferralState.REJECTED_FRAUD

    def touch_earlier(self, touched: "Referral") -> None:
        """Take over the link of an earlier touch, while nothing is decided."""
        self.kind, self.value = touched.kind, touched.value
        self.referrer_id, self.is_known = touched.referrer_id, touched.is_known
        self.touched_at, self.changed_at = touched.touched_at, touched.changed_at
        self.returned = _NOT_RETURNED
        self.hear_progress(self.progress)

    def hear_answer(self, answer: Answer) -> None:
        """Note an answer of the player, also while nothing is decided."""
        self.progress = self.progress.heard(answer)
        self._note_return(answer.on)

    def hear_progress(self, progress: Progress) -> None:
        """Note what is known of several answers."""
        self.progress = self.progress.merged(progress)
        for day in progress.days:
            self._note_return(day.on)

    def _note_return(self, on: date) -> None:
        self.returned = self.returned.heard((on - day_of(self.touched_at).local).days)

    def hear_left(self, at: datetime) -> None:
        """Note that the player left; the first time counts."""
        if self.left_at is None or at < self.left_at:
            self.left_at = at

    @property
    def earned_at(self) -> datetime | None:
        """The answer with which the player qualified, in time and before they left; None: they did not."""
        at = self.progress.qualified_at
        if at is None or at > self.touched_at + QUALIFYING_WITHIN:
            return None
        return at if self.left_at is None or at < self.left_at else None

    def is_too_late(self, now: datetime) -> bool:
        """Whether its 14 days are over without what they ask for: it cannot count any more."""
        ends, at = self.touched_at + QUALIFYING_WITHIN, self.progress.qualified_at
        return (at is None or at > ends) and now > ends + LATE_WORDS

    def standing(self) -> ReferralState:
        """Return how a bound referral stands by all that is known."""
        if self.verdict is Verdict.FRAUD:
            return ReferralState.REJECTED_FRAUD
        if self.verdict is Verdict.CANCELED:
            return ReferralState.CANCELED
        if self.rule is not None and not self.is_cleared and not self._is_left_to_ops:
            return ReferralState.REJECTED_FRAUD
        if self.earned_at is not None:
            return ReferralState.QUALIFIED
        is_over = self.left_at is not None or self.lapsed_at is not None
        return ReferralState.CANCELED if is_over else ReferralState.STARTED

    @property
    def _is_left_to_ops(self) -> bool:
        """Whether a rule found it only when it counted already: then a person decides."""
        return self.state is ReferralState.QUALIFIED and self.earned_at is not None

    def suspect(self, rule: FraudRule, score: int) -> None:
        """Note that a rule says this is none; of two the surer one counts."""
        if not self.is_cleared and score > self.score:
            self.rule, self.score = rule, score

    def settle(self, now: datetime) -> bool:
        """Stand as all that is known says; returns whether that is news. Nothing for one that binds nobody."""
        if not self.is_bound:
            return False
        state = self.standing()
        qualified_at = self.earned_at if state is ReferralState.QUALIFIED else None
        is_news = (state, qualified_at) != (self.state, self.qualified_at)
        if is_news:
            self.state, self.qualified_at, self.changed_at = state, qualified_at, now
        return is_news
