"""Reference exchange rates: a seeded walk in the European Central Bank's layout."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

START = {"USD": 1.09, "JPY": 162.0, "GBP": 0.845, "CHF": 0.945, "SEK": 11.3}
DIGITS = {"USD": 4, "JPY": 2, "GBP": 5, "CHF": 4, "SEK": 4}
HOLIDAYS = {(1, 1), (5, 1), (12, 25), (12, 26)}
ZERO_DECIMAL = frozenset({"jpy"})
SPREAD = 0.99


@dataclass(frozen=True)
class Rates:
    """Units of each currency per 1 EUR, by day; no weekends, no holidays of the ECB that fall on fixed days."""

    by_day: dict[date, dict[str, float]]

    def settlement_rate(self, currency: str, day: date) -> float | None:
        """US cents that Stripe pays per minor unit of `currency` on a day (6 digits); None for USD itself."""
        if currency == "usd":
            return None
        rates = self.by_day[self._published(day)]
        per_euro = 1.0 if currency == "eur" else rates[currency.upper()]
        scale = 100 if currency in ZERO_DECIMAL else 1
        return round(rates["USD"] / per_euro * scale * SPREAD, 6)

    def write(self, path: Path) -> None:
        """The rates as CSV: `Date,USD,JPY,…`, newest day first."""
        lines = ["Date," + ",".join(START)]
        for day in sorted(self.by_day, reverse=True):
            values = (f"{self.by_day[day][currency]:.{DIGITS[currency]}f}" for currency in START)
            lines.append(f"{day.isoformat()}," + ",".join(values))
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _published(self, day: date) -> date:
        while day not in self.by_day:
            day -= timedelta(days=1)
        return day


def make_rates(rng: Random, first: date, last: date) -> Rates:
    """Rates for every working day in [first - 10 days, last]."""
    level, by_day, day = dict(START), {}, first - timedelta(days=10)
    while day <= last:
        if day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS:
            level = {currency: value * (1 + rng.gauss(0, 0.004)) for currency, value in level.items()}
            by_day[day] = {currency: round(value, DIGITS[currency]) for currency, value in level.items()}
        day += timedelta(days=1)
    return Rates(by_day)
