"""Operations in PyTorch on the CPU, as ../ops-table.mjs names them.
Usage: python torch-ops.py FILE, a JSON list of {theirs, both, sizes: {small, large}}; prints the median ms of each, as JSON"""
import json, statistics, sys, time
import torch, torch.nn.functional as F

TURNS, SECONDS_PER_TURN = 5, 0.02


def make(both, kind, shape, below=2):
    if kind == "normal":
        return torch.randn(shape, requires_grad=both)
    if kind == "positive":
        return torch.rand(shape) * 5 + 0.01
    if kind == "bool":
        return torch.randn(shape) > 0
    return torch.randint(0, below, shape)


def turn(f):
    start, calls = time.perf_counter(), 0
    while True:
        f()
        calls += 1
        seconds = time.perf_counter() - start
        if seconds > SECONDS_PER_TURN:
            return seconds * 1e3 / calls


def measure(theirs, both, inputs):
    given = dict(zip("xyz", (make(both, *one) for one in inputs)))
    f = eval(f"lambda x=None, y=None, z=None: {theirs}")
    if both:
        gradient = torch.randn(f(**given).shape)

        def step():
            for one in given.values():
                one.grad = None
            f(**given).backward(gradient)

    else:

        def step():
            with torch.no_grad():
                f(**given)

    turn(step)
    turn(step)
    return float(f"{statistics.median(turn(step) for _ in range(TURNS)):.4g}")


with open(sys.argv[1]) as file:
    wanted = json.load(file)
operations = [{size: measure(one["theirs"], one["both"], one["sizes"][size]) for size in ("small", "large")} for one in wanted]
print(json.dumps({"peer": "PyTorch", "threads": torch.get_num_threads(), "operations": operations}))
