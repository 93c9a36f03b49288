"""The rule of measure.mjs, in Python: see there."""
import json, statistics, sys, time

RULE = {
    "warm_up": dict(seconds=1.5, steps=10, patience=6, fewest=1),
    "measured": dict(seconds=2, steps=10, patience=15, fewest=3),
}


def turn(f, least):
    """Milliseconds a call, of as many as fill `least` seconds."""
    start, calls = time.perf_counter(), 0
    while True:
        f()
        calls += 1
        seconds = time.perf_counter() - start
        if seconds > least:
            return seconds * 1e3 / calls


def phase(step, seconds, steps, patience, fewest):
    """The times in ms of the steps of one phase."""
    times, begin = [], time.perf_counter()
    start = begin
    while True:
        step()
        end = time.perf_counter()
        times.append((end - start) * 1e3)
        start, elapsed = end, end - begin
        if elapsed >= seconds and len(times) >= steps or elapsed >= patience and len(times) >= fewest:
            return times


def contend(peer, step, per=1, **facts):
    """Measure `step` and print one JSON line with the median in ms and the facts."""
    phase(step, **RULE["warm_up"])
    times = phase(step, **RULE["measured"])
    ms = statistics.median(times) / per
    print(json.dumps({"peer": peer, "ms": float(f"{ms:.5g}"), "steps": len(times), **facts}))


def configuration(standard):
    """The configuration on the command line, "64,4,2" as numbers."""
    return [int(n) for n in (sys.argv[1] if len(sys.argv) > 1 else standard).split(",")]
