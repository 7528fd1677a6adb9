"""Where reference rates come from: one address, or none."""

from aiohttp import ClientSession

from payments.providers.rates import DayRates, fetch_rates


class RatesSource:
    """The configured source of reference rates."""

    def __init__(self, session: ClientSession, url: str) -> None:
        """Ask `url` by `session`; an empty one switches the fetching off."""
        self._session = session
        self._url = url

    @property
    def is_on(self) -> bool:
        """Whether there is anybody to ask."""
        return bool(self._url)

    async def fetch(self) -> DayRates:
        """Return the source's newest rates. Raises ProviderUnavailableError and RatesError."""
        return await fetch_rates(self._session, self._url)
