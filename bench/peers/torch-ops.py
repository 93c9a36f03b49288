"""Operations in PyTorch on the CPU, as ../ops/ names them.
Usage: python torch-ops.py FILE, a JSON list of {theirs, both, sizes: {small, large}}; prints the median ms of each, as JSON"""
import json, statistics, sys
import torch, torch.nn.functional as F

from measure import turn

TURNS, SECONDS_PER_TURN = 5, 0.02


def make(both, kind, shape, below=2):
    if kind == "normal":
        return torch.randn(shape, requires_grad=both)
    if kind == "positive":
        return torch.rand(shape) * 5 + 0.01
    if kind == "probability":
        return (torch.rand(shape) * 0.98 + 0.01).requires_grad_(both)
    if kind == "share":
        return torch.rand(shape)
    if kind == "ones":
        return torch.ones(shape)
    if kind == "sorted":
        return torch.randn(shape).sort().values
    if kind == "bool":
        return torch.randn(shape) > 0
    return torch.randint(0, below, shape, dtype=torch.int32 if kind == "int32" else torch.int64)


def step_of(theirs, both, inputs):
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

    return step


def measure(step):
    turn(step, SECONDS_PER_TURN)
    turn(step, SECONDS_PER_TURN)
    return float(f"{statistics.median(turn(step, SECONDS_PER_TURN) for _ in range(TURNS)):.4g}")


with open(sys.argv[1]) as file:
    wanted = json.load(file)
steps = lambda one: {size: step_of(one["theirs"], one["both"], one["sizes"][size]) for size in ("small", "large")}
for one in wanted:  # everything once before anything counts, as ours
    for step in steps(one).values():
        turn(step, SECONDS_PER_TURN)
operations = [{size: measure(step) for size, step in steps(one).items()} for one in wanted]
print(json.dumps({"peer": "PyTorch", "threads": torch.get_num_threads(), "operations": operations}))
