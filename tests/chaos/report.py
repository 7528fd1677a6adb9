"""What came of a run: the lines that tell of trouble, and one JSON object last."""

from dataclasses import dataclass

import msgspec

from chaos.account import Account
from chaos.performed import Performed
from chaos.readiness import AGAIN_SECONDS_MAX, Readiness
from chaos.reaper import Reaper

_TELLING = 20
"""With fewer payments while the ledger refused, how many were written says nothing."""
_LINES_MAX = 20


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a run is judged by."""

    account: Account
    diffs: list[str]
    """What the comparison of all books found when everything had settled."""
    performed: Performed
    reaper: Reaper
    readiness: Readiness

    @property
    def is_clean(self) -> bool:
        """Whether nothing is lost or doubled, everybody came back, and the run has shown it."""
        is_ready = self.readiness.unready_seconds_max <= AGAIN_SECONDS_MAX
        reaper = self.reaper
        happened = (reaper.firings, reaper.events_lost, reaper.refusals, reaper.reservations_ended)
        troubled = all((*happened, self.performed.effects, self.account.redemptions.get("applied")))
        troubled = troubled and bool(self.account.offers.get("converted") and self.account.referrals.get("rewards"))
        troubled = troubled and bool(self.account.partners.get("payouts_sent"))
        wrong = self.diffs or self.unwritten or self.performed.doubled
        return self.account.is_clean and is_ready and troubled and not wrong

    @property
    def unwritten(self) -> list[tuple[int, int]]:
        """The times at which far fewer charges were written than paid; a few updates are lost or late by design."""
        return [(paid, written) for paid, written in self.reaper.refusals if paid >= _TELLING and written < paid / 2]

    def show(self, *, seed: int, taps: int) -> None:
        """Print it."""
        for title, lines in (
            ("lost", self.account.lost),
            ("doubled", self.account.doubled),
            ("left over", self.account.leftovers),
            ("uses of codes", self.account.uses_wrong),
            ("offers", self.account.offers_wrong),
            ("referrals", self.account.referrals_wrong),
            ("partners", self.account.partners_wrong),
            ("books differ", self.diffs),
            ("performed twice", self.performed.doubled),
        ):
            for line in lines[:_LINES_MAX]:
                print(f"{title}: {line}")
        for paid, written in self.unwritten:
            print(f"while the ledger refused, {paid} payments came in and {written} were written down")
        if self.readiness.who:
            print(f"longest not ready while all was calm: {self.readiness.who}")
        print(msgspec.json.encode(self._figures() | {"taps": taps, "seed": seed}).decode())

    def _figures(self) -> dict[str, object]:
        return {
            "charges": self.account.charges,
            "credited": self.account.credited,
            "refunded": self.account.refunded,
            "lost": len(self.account.lost),
            "doubled": len(self.account.doubled),
            "ledger_imbalance": self.account.ledger_imbalance,
            "diffs": len(self.diffs),
            "left_over": len(self.account.leftovers),
            "paid_and_written_while_ledger_refused": self.reaper.refusals,
            "jobs_due_at_once": self.reaper.firings,
            "events_lost": self.reaper.events_lost,
            "reservations_ended": self.reaper.reservations_ended,
            "redemptions": self.account.redemptions,
            "uses_wrong": len(self.account.uses_wrong),
            "offers_wrong": len(self.account.offers_wrong),
            "offers": self.account.offers,
            "referrals_wrong": len(self.account.referrals_wrong),
            "referrals": self.account.referrals,
            "partners_wrong": len(self.account.partners_wrong),
            "partners": self.account.partners,
            "goods_told_again": self.account.told_again,
            "effects_performed": self.performed.effects,
            "effects_repeated_outcome_unknown": len(self.performed.unknown),
            "effects_doubled": len(self.performed.doubled),
            "unready_seconds_max": round(self.readiness.unready_seconds_max, 1),
            "kills": len(self.reaper.deaths),
            "killed": self.reaper.killed,
        }
