"""Alerts' settings: what every service has, and where people are told (DOMAIN §10)."""

from pydantic import Field, SecretStr, field_validator

from actors.settings import Settings
from alerts.domain.policy import parse_policy

_ADDRESSES = ("ops_alert_webhook_url", "ops_alert_slack_webhook_url", "alerts_heartbeat_url")


class AlertsSettings(Settings):
    """Environment variables have the names of the fields, in capitals. An empty address: that way is not used."""

    ops_alert_webhook_url: SecretStr = Field(default=SecretStr(""), description="where the generic webhook listens")
    ops_alert_slack_webhook_url: SecretStr = Field(default=SecretStr(""), description="Slack's incoming webhook")
    ops_alert_pagerduty_events_url: str = Field(
        default="https://events.pagerduty.com/v2/enqueue", description="PagerDuty's Events API v2"
    )
    ops_alert_pagerduty_routing_key: SecretStr = Field(default=SecretStr(""), description="of PagerDuty's integration")
    ops_alert_pagerduty_webhook_secrets: SecretStr = Field(
        default=SecretStr(""),
        description="signing secrets of PagerDuty's webhook, separated by commas; empty: no webhook",
    )
    ops_alert_alertmanager_token: SecretStr = Field(
        default=SecretStr(""), description="what Alertmanager says as Bearer; empty: no webhook"
    )
    web_host: str = Field(default="127.0.0.1", description="where the webhooks listen, if there is one")
    web_port: int = Field(default=0, ge=0, le=65535, description="0: a free port, logged as web_listening")
    ops_alert_escalation_policy_json: str = Field(
        default="", description="event, or *, to any of channels, severity, tier, escalate_after_s, escalate_to"
    )
    alerts_heartbeat_url: SecretStr = Field(default=SecretStr(""), description="of the watcher who sees alerts die")
    alerts_heartbeat_seconds: float = Field(default=60, gt=0, description="between two calls of it")
    alerts_runbook_url: str = Field(default="", description="where docs/runbooks can be read; empty: no links")
    alerts_group_seconds: float = Field(
        default=30, ge=0, le=300, description="what comes within so long of a message is the next message"
    )

    def pagerduty_webhook_secrets(self) -> tuple[str, ...]:
        """Return the secrets that may sign PagerDuty's webhook: two while one is being changed."""
        given = self.ops_alert_pagerduty_webhook_secrets.get_secret_value().split(",")
        return tuple(secret.strip() for secret in given if secret.strip())

    @property
    def has_webhooks(self) -> bool:
        """Whether anybody may call in."""
        return bool(self.pagerduty_webhook_secrets() or self.ops_alert_alertmanager_token.get_secret_value())

    @field_validator("ops_alert_escalation_policy_json")
    @classmethod
    def _policy_can_be_kept(cls, given: str) -> str:
        parse_policy(given)
        return given

    @field_validator(*_ADDRESSES)
    @classmethod
    def _is_an_address(cls, given: SecretStr) -> SecretStr:
        said = given.get_secret_value()
        if said and not said.startswith(("http://", "https://")):
            raise ValueError("an address that begins with http:// or https:// is expected")
        return given
