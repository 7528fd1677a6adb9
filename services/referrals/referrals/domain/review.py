"""What ops decide about a referral (DOMAIN §9)."""

from datetime import datetime

from contracts.referrals import ReferralCase, ReferralState, ReviewAction
from referrals.domain.referral import Referral, Verdict

_ENDED = (ReferralState.REJECTED_FRAUD, ReferralState.CANCELED)


def conflict(referral: Referral, action: ReviewAction, expected: ReferralState | None, now: datetime) -> str:
    """Return why an action does not fit a referral as it stands, naming field and remedy; empty when it fits."""
    if not referral.is_bound:
        return f"player_id: the referral is {referral.state}, it binds nobody; there is nothing to decide"
    if expected is not None and expected is not referral.state:
        return f"expected: it is {referral.state}; look at it again with admin.referrals.review.list"
    if action is ReviewAction.REOPEN and referral.state not in _ENDED and referral.rule is None:
        return f"action: it is {referral.state} and no rule suspects it; only what ended or is suspected opens again"
    if action is ReviewAction.REOPEN and referral.state is ReferralState.CANCELED and referral.is_too_late(now):
        return "action: its 14 days ended without 20 answers on two days; opened again it would be canceled again"
    if action is ReviewAction.CONFIRM_FRAUD and referral.verdict is Verdict.FRAUD:
        return "action: it is confirmed fraud already"
    if action is ReviewAction.CANCEL and referral.state is ReferralState.CANCELED:
        return "action: it is canceled already"
    return ""


def decide(referral: Referral, action: ReviewAction, now: datetime) -> None:
    """Do to a referral what ops decided. What follows is `settle`'s."""
    referral.changed_at = now
    if action is ReviewAction.CONFIRM_FRAUD:
        referral.verdict = Verdict.FRAUD
    elif action is ReviewAction.CANCEL:
        referral.verdict = Verdict.CANCELED
    else:
        referral.verdict, referral.is_cleared = None, True
        referral.left_at = referral.lapsed_at = None


def case_of(referral: Referral) -> ReferralCase:
    """Return a referral as operators see it."""
    return ReferralCase(
        player_id=referral.player_id,
        referrer_id=referral.referrer_id,
        kind=referral.kind,
        value=referral.value,
        state=referral.state,
        rule=referral.rule,
        score=referral.score,
        verdict=referral.verdict,
        answered=referral.progress.answered,
        touched_at=referral.touched_at,
        qualified_at=referral.qualified_at,
        changed_at=referral.changed_at,
    )
