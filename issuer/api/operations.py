"""What the operator watches: /healthz, /readyz, /metrics, and one line in the log for a request."""

from __future__ import annotations

import hmac
import os
import time
import uuid
from collections.abc import Iterator

import structlog
from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from issuer.api.authentication import bearer
from issuer.queries import workload
from issuer.runtime import Runtime

REQUESTS = Counter(
    name="badgewright_requests_total",
    documentation="Requests answered.",
    labelnames=("endpoint", "method", "status"),
)
SECONDS = Histogram(
    name="badgewright_request_seconds",
    documentation="Time taken to answer.",
    labelnames=("endpoint",),
    buckets=(0.01, 0.05, 0.1, 0.3, 1, 3, 10, 30),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

blueprint = Blueprint("operations", __name__)


def _runtime() -> Runtime:
    found: Runtime = current_app.extensions["badgewright"]
    return found


@blueprint.get("/healthz")
def live() -> Response:
    """The process answers. Says nothing about what it needs."""
    return _plain(jsonify(status="ok"))


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """200 if database and storage can be used, else 503. The worker does not decide: pages work without it."""
    runtime = _runtime()
    database, worker = "ok", "none"
    try:
        with runtime.sessions() as session:
            session.execute(text("SELECT 1"))
            age = workload.heartbeat_age(session, runtime.clock())
        worker = "none" if age is None else "ok" if age <= workload.HEARTBEAT_LATE_SECONDS else "late"
    except SQLAlchemyError:
        database, worker = "unreachable", "unknown"
    storage = "ok" if runtime.storage.usable() else "unreachable"
    answer = jsonify(database=database, storage=storage, worker=worker)
    return _plain(answer), 200 if (database, storage) == ("ok", "ok") else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """For Prometheus, with the operator's token; without a token configured there is no such page."""
    expected = _runtime().config.metrics_token
    given = bearer(request.headers)
    if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
        return Response(status=404)
    registry = CollectorRegistry()
    registry.register(_Workload(_runtime()))
    counted = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]  # the library leaves its constructor untyped
    return _plain(Response(generate_latest(counted) + generate_latest(registry), content_type=CONTENT_TYPE_LATEST))


class _Workload(Collector):
    """Numbers that the database knows, read when they are asked for."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def collect(self) -> Iterator[Metric]:
        with self._runtime.sessions() as session:
            found = workload.measure(session, self._runtime.clock())
        states = GaugeMetricFamily(
            name="badgewright_submissions", documentation="Submissions by state.", labels=["state"]
        )
        for state, number in found.submissions.items():
            states.add_metric([state], number)
        yield states
        yield GaugeMetricFamily(
            name="badgewright_credentials", documentation="Credentials issued.", value=found.credentials
        )
        yield GaugeMetricFamily(
            name="badgewright_credentials_revoked", documentation="Credentials revoked.", value=found.revoked
        )
        yield GaugeMetricFamily(
            name="badgewright_queue_oldest_seconds",
            documentation="Age of the submission that has waited longest for a reviewer; 0 if none waits.",
            value=found.oldest_waiting_seconds,
        )
        if found.heartbeat_age is not None:
            yield GaugeMetricFamily(
                name="badgewright_worker_heartbeat_seconds",
                documentation="Since a worker last said it lives.",
                value=found.heartbeat_age,
            )


def register(app: Flask) -> None:
    """Adds the three addresses, the request's number and its line in the log."""
    app.register_blueprint(blueprint)
    log = structlog.get_logger("badgewright.requests")

    def start() -> None:
        g.request_started = time.monotonic()
        g.request_number = uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=g.request_number)

    def finish(response: Response) -> Response:
        started = g.get("request_started")
        if started is None:
            return response
        # The endpoint's name, never the path: paths hold the numbers of people's things.
        endpoint, method = request.endpoint or "none", request.method if request.method in _METHODS else "other"
        seconds = time.monotonic() - started
        REQUESTS.labels(endpoint, method, str(response.status_code)).inc()
        SECONDS.labels(endpoint).observe(seconds)
        response.headers.setdefault("X-Request-Id", g.request_number)
        log.info("request", endpoint=endpoint, method=method, status=response.status_code, ms=round(seconds * 1000))
        return response

    app.before_request_funcs.setdefault(None, []).insert(0, start)
    app.after_request(finish)


def _plain(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
