"""Scores of traces and their means, as docs/driver.md defines them."""

import math

# A trace's weight says what of it counts.
UTILIZATION = (1, 2)
SPEED = (1, 3)


def trace_score(trace):
    """Points of a trace, 0 to 100; None when it does not count (weight 0).

    Raises ValueError for a valid trace without the figures it needs.
    """
    weight = trace["weight"]
    if weight == 0:
        return None
    if trace["verdict"] != "valid":
        return 0.0
    utilization = trace["utilization"] if weight in UTILIZATION else 1.0
    speed = trace["speed"] if weight in SPEED else 1.0
    if utilization is None or speed is None:
        raise ValueError(f"{trace['name']}: valid, but not measured")
    return 100 * utilization * min(1.0, speed)


def mean(values):
    return sum(values) / len(values) if values else None


def geometric_mean(values):
    if not values or min(values) <= 0:
        return None
    return math.exp(mean([math.log(value) for value in values]))


def summary(traces):
    """{"score", "utilization", "speed"} of a list of traces.

    score: mean over those that count, None without any. utilization:
    arithmetic mean, speed: geometric mean, both over valid traces.
    """
    valid = [t for t in traces if t["verdict"] == "valid"]
    scores = [s for s in (trace_score(t) for t in traces) if s is not None]
    return {
        "score": mean(scores),
        "utilization": mean([t["utilization"] for t in valid if t["weight"] in UTILIZATION]),
        "speed": geometric_mean([t["speed"] for t in valid if t["weight"] in SPEED]),
    }
