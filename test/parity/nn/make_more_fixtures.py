"""More reference values for the tests of nn from PyTorch, in float64: python make_more_fixtures.py, with torch 2.13.

As make_fixtures.py, for the layers, optimisers and schedules that came later.
"""
import json
import pathlib

import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(20250117)
cases = {}


def listed(x):
    """Nested lists with 11 digits."""
    rounded = lambda v: [rounded(w) for w in v] if isinstance(v, list) else float(f"{v:.11g}") if isinstance(v, float) else v
    return rounded(x.detach().tolist())


def record(name, module, inputs, call, extra=None):
    """Run, take gradients, and write weights, inputs, outputs and gradients down."""
    state = {k: listed(v) for k, v in module.state_dict().items()}
    outputs = call(module, inputs)
    upstream = [torch.randn_like(o) for o in outputs]
    sum((o * u).sum() for o, u in zip(outputs, upstream)).backward()
    cases[name] = {
        "state": state,
        "inputs": {k: listed(v) for k, v in inputs.items()},
        "outputs": [listed(o) for o in outputs],
        "upstream": [listed(u) for u in upstream],
        "grads": {k: listed(p.grad) for k, p in module.named_parameters() if p.grad is not None},
        "input_grads": {k: listed(v.grad) for k, v in inputs.items()},
        **(extra or {}),
    }


def want(*shape):
    return torch.randn(*shape, requires_grad=True)


def shake(module):
    """Random values everywhere: ones and zeros would hide mistakes."""
    for p in module.parameters():
        p.data = p.data + 0.3 * torch.randn_like(p)
    return module


one = lambda m, i: [m(i["x"])]


class Function(nn.Module):
    """A function of the inputs as a module without weights."""

    def __init__(self, fn):
        super().__init__()
        self.fn = fn

    def forward(self, *inputs):
        return self.fn(*inputs)


def function(name, fn, extra=None, **inputs):
    record(name, Function(fn), inputs, lambda m, i: [m(*i.values())], extra)


# recurrent nets, (B, T, C) with states (layers x directions, B, H)
B, T, C, H = 2, 5, 3, 4
record("gru", shake(nn.GRU(C, H, batch_first=True)), {"x": want(B, T, C)}, lambda m, i: m(i["x"]))
record("gru_deep", shake(nn.GRU(C, H, 3, bidirectional=True, batch_first=True)),
       {"x": want(B, T, C), "hidden": want(6, B, H)}, lambda m, i: m(i["x"], i["hidden"]))
flat = lambda result: [result[0], *result[1]]
record("lstm", shake(nn.LSTM(C, H, bias=False, batch_first=True)), {"x": want(B, T, C)}, lambda m, i: flat(m(i["x"])))
record("lstm_deep", shake(nn.LSTM(C, H, 3, bidirectional=True, batch_first=True)),
       {"x": want(B, T, C), "hidden": want(6, B, H), "cell": want(6, B, H)},
       lambda m, i: flat(m(i["x"], (i["hidden"], i["cell"]))))

# norms: three batches in training, then one in evaluation
def trained(name, module, shape):
    shake(module)
    state = {k: listed(v) for k, v in module.state_dict().items()}
    batches = [torch.randn(*shape) * 2 + 1 for _ in range(3)]
    outputs = [listed(module(b)) for b in batches]
    after = {k: listed(v) for k, v in module.state_dict().items()}
    cases[name] = {"state": state, "batches": [listed(b) for b in batches], "outputs": outputs, "after": after,
                   "eval": listed(module.eval()(batches[0]))}


trained("batch_norm_1d", nn.BatchNorm1d(3, momentum=0.2), (5, 3))
trained("batch_norm_1d_length", nn.BatchNorm1d(3, momentum=None), (2, 3, 4))
trained("instance_norm_2d_tracked", nn.InstanceNorm2d(3, momentum=0.2, affine=True, track_running_stats=True), (2, 3, 4, 5))
record("instance_norm_2d", nn.InstanceNorm2d(3, eps=1e-3), {"x": want(2, 3, 4, 5)}, one)
record("instance_norm_2d_affine", shake(nn.InstanceNorm2d(3, affine=True)), {"x": want(2, 3, 4, 5)}, one)

# one axis
record("max_pool_1d", nn.MaxPool1d(3, stride=2, padding=1, dilation=2, ceil_mode=True), {"x": want(2, 3, 10)}, one)
record("avg_pool_1d", nn.AvgPool1d(4, stride=3, padding=2, ceil_mode=True, count_include_pad=False), {"x": want(2, 3, 9)}, one)
record("avg_pool_1d_padded", nn.AvgPool1d(3, padding=1), {"x": want(2, 3, 8)}, one)
record("conv_transpose_1d", shake(nn.ConvTranspose1d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2, dilation=2)),
       {"x": want(2, 4, 5)}, one)

# activations
function("glu", lambda x: F.glu(x, 1), x=want(2, 6, 5))
function("mish", F.mish, x=(torch.randn(3, 7) * 6).requires_grad_())
record("prelu", nn.PReLU(), {"x": want(2, 3, 5)}, one)
record("prelu_channels", shake(nn.PReLU(3)), {"x": want(2, 3, 4, 5)}, one)

# sampling at places, some beyond the edges
for mode in ("bilinear", "nearest", "bicubic"):
    for padding in ("zeros", "border", "reflection"):
        for corners in (False, True):
            grid = torch.rand(2, 3, 4, 2) * 3.4 - 1.7
            function(f"grid_sample_{mode}_{padding}_{corners}",
                     lambda x, grid: F.grid_sample(x, grid, mode, padding, corners),
                     x=want(2, 1, 5, 6), grid=grid.requires_grad_())

# optimisers on sum(a (w - b)^2); RAdam's first steps are those without a rectification
a, b = torch.rand(2, 3) + 0.5, torch.randn(2, 3)
start = torch.randn(2, 3)
runs = [
    ("NAdam", {"lr": 0.1}),
    ("NAdam", {"lr": 0.1, "betas": [0.8, 0.95], "weight_decay": 0.2, "momentum_decay": 0.1, "eps": 1e-3, "maximize": True}),
    ("NAdam", {"lr": 0.1, "weight_decay": 0.2, "decoupled_weight_decay": True}),
    ("RAdam", {"lr": 0.1}),
    ("RAdam", {"lr": 0.1, "betas": [0.8, 0.95], "weight_decay": 0.2, "eps": 1e-3, "maximize": True}),
    ("RAdam", {"lr": 0.1, "weight_decay": 0.2, "decoupled_weight_decay": True}),
]
trajectories = []
for optimizer, args in runs:
    w = start.clone().requires_grad_()
    opt = getattr(torch.optim, optimizer)([w], **args)
    rows = []
    for _ in range(12):
        opt.zero_grad()
        (a * (w - b) ** 2).sum().backward()
        opt.step()
        rows.append(listed(w))
    trajectories.append({"optimizer": optimizer, "args": args, "rows": rows})
cases["optimizers_more"] = {"a": listed(a), "b": listed(b), "start": listed(start), "runs": trajectories}

# the rate after each loss
losses = [1.0, 0.8, 0.81, 0.80005, 0.79999, 0.9, 0.9, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 0.4, 0.5, 0.5, 0.5]
tables = []
for args in [
    {"patience": 2},
    {"mode": "max", "factor": 0.5, "patience": 1},
    {"patience": 1, "threshold": 0.05, "threshold_mode": "abs", "cooldown": 2, "factor": 0.3},
    {"mode": "max", "patience": 0, "threshold": 0.1, "threshold_mode": "rel", "cooldown": 1, "min_lr": 0.01},
    {"mode": "max", "patience": 0, "threshold": 0.1, "threshold_mode": "abs", "factor": 0.9, "eps": 0.02},
]:
    opt = torch.optim.SGD([{"params": [torch.zeros(1)]}, {"params": [torch.zeros(1)], "lr": 0.05}], lr=0.2)
    sched = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, **args)
    rates = []
    for loss in losses:
        sched.step(loss)
        rates.append([group["lr"] for group in opt.param_groups])
    tables.append({"args": args, "rates": rates})
cases["plateau"] = {"losses": losses, "tables": tables}

# averages of weights
weights = [torch.randn(2, 3) for _ in range(5)]
averages = {}
for name, fn in [("ema", torch.optim.swa_utils.get_ema_multi_avg_fn(0.9)), ("mean", None)]:
    model = nn.Linear(3, 2, bias=False)
    averaged = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=fn)
    rows = []
    for w in weights:
        model.weight.data = w.clone()
        averaged.update_parameters(model)
        rows.append(listed(averaged.module.weight))
    averages[name] = rows
cases["averages"] = {"weights": [listed(w) for w in weights], **averages}

# convolutions
record("conv_1d", shake(nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2)), {"x": want(2, 4, 9)}, one)
record("conv_1d_same", shake(nn.Conv1d(3, 5, 4, padding="same", dilation=3, bias=False)), {"x": want(2, 3, 11)}, one)
record("conv_transpose_2d",
       shake(nn.ConvTranspose2d(4, 6, (3, 2), stride=(2, 3), padding=(1, 0), output_padding=(1, 2), groups=2,
                                dilation=(2, 1))), {"x": want(2, 4, 5, 3)}, one)
record("conv_transpose_2d_plain", shake(nn.ConvTranspose2d(3, 5, 2, bias=False)), {"x": want(2, 3, 4, 6)}, one)

out = pathlib.Path(__file__).with_name("more.json")
out.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in cases.items()) + "\n}\n")
