"""A picture of what a partner earned by week: drawn on a ground of its own, so that it reads in light and dark apps."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import msgspec

WIDTH_INCHES: Final = 5.6
HEIGHT_INCHES: Final = 3.4
"""So small that its words are read on a phone."""
DOTS_PER_INCH: Final = 200
MARGIN_INCHES: Final = 0.18
GROUND: Final = "#17212b"
INK: Final = "#f2f5f8"
FAINT: Final = "#8fa3b5"
BARS: Final = "#f5b83d"
NEWEST: Final = "#ffd97a"


class Chart(msgspec.Struct, frozen=True):
    """What is to be drawn; all words are the player's language's."""

    title: str
    empty: str
    """Stands in the picture where there is nothing to draw."""
    weeks: tuple[tuple[date, int, str], ...]
    """The Monday of each week, its Stars, and how they are written; oldest first, the last one is still running."""


def draw(chart: Chart) -> bytes:
    """Return the chart as a PNG. Takes some tenths of a second, the first time more: not for the event loop."""
    # Imported here: it takes long and much memory, and most processes never draw.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=MARGIN_INCHES, h_pad=MARGIN_INCHES)
    size = (WIDTH_INCHES, HEIGHT_INCHES)
    figure = Figure(figsize=size, dpi=DOTS_PER_INCH, facecolor=GROUND, layout=layout)
    FigureCanvasAgg(figure)
    _fill(figure.add_subplot(), chart)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", facecolor=GROUND)
    return picture.getvalue()


def _fill(axes: Any, chart: Chart) -> None:
    amounts = [stars for _, stars, _ in chart.weeks]
    places = range(len(amounts))
    bars = axes.bar(places, amounts, width=0.68, color=[*[BARS] * (len(amounts) - 1), NEWEST][-len(amounts) :])
    labels = [said if stars else "" for _, stars, said in chart.weeks]
    axes.bar_label(bars, labels=labels, color=INK, fontsize=11, padding=3)
    axes.set_title(chart.title, color=INK, fontsize=13, loc="left", pad=12, fontweight="bold")
    axes.set_xticks(places, _days(chart.weeks), color=FAINT, fontsize=10)
    axes.set_yticks([])
    axes.set_facecolor(GROUND)
    axes.tick_params(length=0)
    axes.set_ylim(0, max([*amounts, 1]) * 1.15)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(FAINT)
    if not any(amounts):
        axes.text(0.5, 0.5, chart.empty, color=FAINT, fontsize=14, ha="center", va="center", transform=axes.transAxes)


def _days(weeks: Sequence[tuple[date, int, str]]) -> list[str]:
    """Return every second Monday as day and month, the newest in any case: all of them would touch each other."""
    newest = len(weeks) - 1
    days = [f"{monday.day}.{monday.month}." for monday, _, _ in weeks]
    return [day if (newest - place) % 2 == 0 else "" for place, day in enumerate(days)]
