"""What the ground measures of every service. Handlers never mention metrics."""

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

TURNS = Counter("starquiz_turns_total", "Turns taken", ["lane"])
TURN_SECONDS = Histogram("starquiz_turn_seconds", "Duration of a turn up to its commit", ["lane"], buckets=_SECONDS)
TOOK_SECONDS = Histogram(
    "starquiz_took_seconds", "What turns bring to an end, from when it began (`Turn.took`)", ["what"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)  # fmt: skip
TURN_MESSAGES = Histogram(
    "starquiz_turn_messages", "Messages in a turn", ["lane"], buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500)
)
MESSAGES = Counter("starquiz_messages_total", "Messages by type and outcome", ["type", "outcome"])
REDELIVERIES = Counter("starquiz_redeliveries_total", "Messages heard again", ["lane"])
WAITED_SECONDS = Histogram(
    "starquiz_waited_seconds", "Age of the oldest message of a turn", ["lane"], buckets=(*_SECONDS, 60.0, 600.0, 3600.0)
)
CONSUMER_WAITING = Gauge(
    "starquiz_consumer_waiting", "Messages that JetStream has for a consumer and that it did not acknowledge",
    ["stream", "consumer"],
)  # fmt: skip
CONSUMER_STANDSTILL_SECONDS = Gauge(
    "starquiz_consumer_standstill_seconds", "For how long nothing was acknowledged of what waits; 0 when nothing waits",
    ["stream", "consumer"],
)  # fmt: skip
PUBLISHED = Counter("starquiz_published_total", "Messages published by outcome", ["outcome"])
OUTBOX_AGE_SECONDS = Gauge(
    "starquiz_outbox_age_seconds", "Age of the oldest outbox row that its own process did not publish; NaN: not known"
)
DEAD_LETTERS = Counter("starquiz_dead_letters_total", "Messages put aside for good", ["type"])
EFFECTS = Counter("starquiz_effects_total", "Effects by kind and outcome", ["kind", "outcome"])
EFFECT_SECONDS = Histogram("starquiz_effect_seconds", "Duration of one try of an effect", ["kind"], buckets=_SECONDS)
EFFECTS_REPEATED = Counter(
    "starquiz_effects_repeated_total",
    "Effects that may have been performed by a process that ended or lost its locks, taken up again",
    ["kind"],
)
EFFECTS_WAITING = Gauge("starquiz_effects_waiting", "Effects this process holds that are not performed yet")
JOBS = Counter("starquiz_jobs_total", "Jobs by name and outcome", ["name", "outcome"])
JOB_SUCCESS = Gauge(
    "starquiz_job_last_success_timestamp_seconds",
    "When this process last did a job to its end, in Unix seconds",
    ["name"],
)
JOB_SECONDS = Histogram("starquiz_job_seconds", "Duration of a job", ["name"], buckets=(*_SECONDS, 30.0, 60.0, 300.0))
DOOR_REQUESTS = Counter(
    "starquiz_door_requests_total", "Queries and admin requests by subject and outcome", ["subject", "outcome"]
)
RESTATED = Counter("starquiz_restated_total", "Rows told again to a hearer that came late", ["what", "hearer"])
RESTATE_LEFT = Gauge("starquiz_restate_left", "Rows of a restatement that are still to be told", ["what", "hearer"])
RESTARTS = Counter("starquiz_restarts_total", "Background work that failed and was begun again", ["work"])
PERMISSION_VIOLATIONS = Counter("starquiz_permission_violations_total", "Subjects that NATS denied")
JETSTREAM_STORES = Gauge("starquiz_jetstream_stores", "0 while JetStream stores nothing though it is connected")
NATS_CONNECTED = Gauge("starquiz_nats_connected", "1 while connected to NATS")


@cache
def took_seconds(what: str) -> Histogram:
    """Return the histogram of one thing that takes time."""
    return TOOK_SECONDS.labels(what)


@cache
def messages(type_name: str, outcome: str) -> Counter:
    """Return the counter of one type and outcome, looked up once: three messages come of every tap."""
    return MESSAGES.labels(type_name, outcome)


@cache
def effects(kind: str, outcome: str) -> Counter:
    """Return the counter of one kind and outcome, looked up once: two effects come of every tap."""
    return EFFECTS.labels(kind, outcome)


@cache
def effect_seconds(kind: str) -> Histogram:
    """Return the histogram of one kind."""
    return EFFECT_SECONDS.labels(kind)
