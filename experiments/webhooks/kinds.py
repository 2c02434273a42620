"""Kinds of events that are told to other sites."""

from enum import StrEnum


class Kind(StrEnum):
    """What happened."""

    THUMBNAILS_READY = "thumbnails.ready"
    VERDICT_REACHED = "verdict.reached"
    HEALTH_RED = "health.red"
    DECISION_SHIPPED = "decision.shipped"
    TRIED = "webhook.tried"  # a person wants to see whether it arrives

    @property
    def label(self) -> str:
        """The kind in words."""
        return {
            Kind.THUMBNAILS_READY: "a video's thumbnails are ready",
            Kind.VERDICT_REACHED: "an experiment has a verdict: a winner, or no difference",
            Kind.HEALTH_RED: "an experiment's health turned red",
            Kind.DECISION_SHIPPED: "a decision is shipped",
            Kind.TRIED: "somebody tries the address",
        }[self]


CHOSEN = tuple(kind for kind in Kind if kind is not Kind.TRIED)
