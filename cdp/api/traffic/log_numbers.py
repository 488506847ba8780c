"""Numbers for Prometheus of how the log is signed: what `audit.signing` says of itself, told on each change.

Of several workers one signs. Its gauges count while it lives; those of the others say nothing.
"""

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge

from audit.signing import SigningState


class LogNumbers:
    """The gauges. `cdp_log_signed_timestamp_seconds` is a time, so that an age is `time() - …` whoever asks when."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._signed = Gauge(
            "cdp_log_signed_timestamp_seconds", "When the newest checkpoint was found to be that of the whole log.",
            registry=registry, multiprocess_mode="livemax",
        )  # fmt: skip
        self._fault = Gauge(
            "cdp_log_signing_fault", "1 while this keeps the log from being signed, or its checkpoint from outside.",
            ["code"], registry=registry, multiprocess_mode="livemax",
        )  # fmt: skip
        self._witness = Gauge(
            "cdp_log_witness_up", "1 while a witness cosigns, 0 while it does not.", ["witness"], registry=registry,
            multiprocess_mode="livemin",
        )  # fmt: skip
        self._witness_fault = Gauge(
            "cdp_log_witness_fault", "1 while this keeps a witness from cosigning.", ["witness", "code"],
            registry=registry, multiprocess_mode="livemax",
        )  # fmt: skip
        self._before = SigningState()

    def signing(self, state: SigningState) -> None:
        """Take over how signing goes."""
        before, self._before = self._before, state
        if state.signed_at:
            self._signed.set(datetime.fromisoformat(state.signed_at).timestamp())
        if before.fault and before.fault != state.fault:
            self._fault.labels(before.fault).set(0)
        if state.fault:
            self._fault.labels(state.fault).set(1)
        for witness, code in state.witnesses.items():
            said = before.witnesses.get(witness, "")
            if said and said != code:
                self._witness_fault.labels(witness, said).set(0)
            if code:
                self._witness_fault.labels(witness, code).set(1)
            self._witness.labels(witness).set(0 if code else 1)
