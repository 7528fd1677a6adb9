"""When updates count as degraded (DOMAIN §10 `telegram_updates_degraded`, §12)."""

PENDING_MAX = 200
"""More updates than this waiting at Telegram is a backlog."""
ANSWERED_RATIO_MIN = 0.9
TAPS_MIN = 20
"""With fewer taps than this a ratio says nothing."""


def answered_ratio(taps: int, unanswered: int) -> float:
    """Return the share of taps that were answered; 1.0 when there were none."""
    return max(0.0, 1 - unanswered / taps) if taps else 1.0


def is_degraded(pending: int, taps: int, unanswered: int, last_error: str) -> bool:
    """Whether somebody should look at the updates."""
    few_answers = taps >= TAPS_MIN and answered_ratio(taps, unanswered) < ANSWERED_RATIO_MIN
    return pending > PENDING_MAX or few_answers or bool(last_error)
