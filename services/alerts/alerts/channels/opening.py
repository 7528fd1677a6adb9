"""Which channels there are, by the settings."""

from collections.abc import Mapping

import aiohttp

from alerts.channels.generic import GenericChannel
from alerts.channels.pagerduty import PagerDutyChannel
from alerts.channels.slack import SlackChannel
from alerts.domain.notice import Channel
from alerts.settings import AlertsSettings
from contracts.alerts import ChannelName


def open_channels(settings: AlertsSettings, session: aiohttp.ClientSession) -> Mapping[ChannelName, Channel]:
    """Return the channels that are configured, by name."""
    found: dict[ChannelName, Channel] = {}
    if key := settings.ops_alert_pagerduty_routing_key.get_secret_value():
        found[ChannelName.PAGERDUTY] = PagerDutyChannel(session, settings.ops_alert_pagerduty_events_url, key)
    if url := settings.ops_alert_slack_webhook_url.get_secret_value():
        found[ChannelName.SLACK] = SlackChannel(session, url)
    if url := settings.ops_alert_webhook_url.get_secret_value():
        found[ChannelName.GENERIC] = GenericChannel(session, url)
    return found
