"""Settings every service process has, read from the environment once and handed down."""

import os
import socket

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Environment variables have the names of the fields, in capitals. Secrets are never logged."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    nats_url: str = Field(description="nats://host:port, several separated by commas")
    nats_nkey_seed: SecretStr = Field(default=SecretStr(""), description="this service's nkey; empty: no login")
    postgres_dsn: SecretStr = Field(description="as the service's own role, whose search_path is its schema")
    http_host: str = Field(default="127.0.0.1", description="where /healthz, /readyz and /metrics listen")
    http_port: int = Field(default=0, ge=0, le=65535, description="0: a free port, logged as http_listening")
    log_level: str = "info"
    replica: str = Field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}")
    pool_size_max: int = Field(default=6, ge=2, le=50, description="Postgres connections of this process")
    batch_max: int = Field(default=200, ge=1, le=1000, description="messages in one turn at most")
    turn_pace_seconds: float = Field(
        default=0.015, ge=0, le=1, description="longest rest between two turns, in which messages gather"
    )
