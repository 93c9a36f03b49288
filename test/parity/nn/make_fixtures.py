"""Reference values for the tests of nn from PyTorch, in float64: python make_fixtures.py, with torch 2.13.

Weights, inputs and results of small layers with a different size for every axis. `loss` is sum(output * upstream), and
`grads` are its gradients.
"""
import json
import pathlib

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(20240607)
cases = {}


def listed(x):
    """Nested lists with 11 digits."""
    rounded = lambda v: [rounded(w) for w in v] if isinstance(v, list) else float(f"{v:.11g}") if isinstance(v, float) else v
    return rounded(x.detach().tolist())


def record(name, module, inputs, call, extra=None, wanted=()):
    """Run, take gradients, and write weights, inputs, outputs and gradients down."""
    outputs = call(module, inputs)
    upstream = [torch.randn_like(o) for o in outputs]
    sum((o * u).sum() for o, u in zip(outputs, upstream)).backward()
    cases[name] = {
        "state": {k: listed(v) for k, v in module.state_dict().items()},
        "inputs": {k: listed(v) for k, v in inputs.items()},
        "outputs": [listed(o) for o in outputs],
        "upstream": [listed(u) for u in upstream],
        "grads": {k: listed(p.grad) for k, p in module.named_parameters() if p.grad is not None},
        "input_grads": {k: listed(inputs[k].grad) for k in wanted},
        **(extra or {}),
    }


def want(*shape):
    return torch.randn(*shape, requires_grad=True)


def shake(module):
    """Random values everywhere: ones and zeros would hide mistakes."""
    for p in module.parameters():
        p.data = p.data + 0.3 * torch.randn_like(p)
    return module


# attention: torch's masks hide where True, ours show where True
B, T, S, E, H = 2, 3, 5, 8, 4
keep = torch.tensor([[True, True, True, False, False], [True, True, True, True, True]])
allowed = torch.rand(T, S) > 0.3
allowed[:, 0] = True
record(
    "cross_attention",
    shake(nn.MultiheadAttention(E, H, kdim=6, vdim=7, batch_first=True)),
    {"query": want(B, T, E), "key": want(B, S, 6), "value": want(B, S, 7)},
    lambda m, i: m(i["query"], i["key"], i["value"], key_padding_mask=~keep, attn_mask=~allowed, average_attn_weights=False),
    {"keep": listed(keep.long()), "allowed": listed(allowed.long())},
    wanted=("query", "key", "value"),
)
causal = torch.ones(S, S, dtype=torch.bool).tril()
bias = torch.randn(S, S)
record(
    "causal_attention",
    shake(nn.MultiheadAttention(E, H, batch_first=True)),
    {"query": want(B, S, E)},
    lambda m, i: m(i["query"], i["query"], i["query"], attn_mask=bias.masked_fill(~causal, float("-inf")), average_attn_weights=False),
    {"bias": listed(bias)},
    wanted=("query",),
)

# transformer layers
for first in (True, False):
    name = "pre" if first else "post"
    record(
        f"encoder_{name}_norm",
        shake(nn.TransformerEncoder(
            nn.TransformerEncoderLayer(E, 2, 12, 0.0, "gelu", 1e-5, True, first), 2,
            nn.LayerNorm(E) if first else None, enable_nested_tensor=False)),
        {"x": want(B, S, E)},
        lambda m, i: [m(i["x"], src_key_padding_mask=~keep)],
        {"keep": listed(keep.long())},
        wanted=("x",),
    )
    record(
        f"decoder_{name}_norm",
        shake(nn.TransformerDecoder(
            nn.TransformerDecoderLayer(E, 2, 12, 0.0, "relu", 1e-5, True, first), 2, nn.LayerNorm(E) if first else None)),
        {"x": want(B, T, E), "memory": want(B, S, E)},
        lambda m, i: [m(i["x"], i["memory"], tgt_mask=~causal[:T, :T], memory_key_padding_mask=~keep)],
        {"keep": listed(keep.long())},
        wanted=("x", "memory"),
    )

# single layers
record("layer_norm", shake(nn.LayerNorm((3, 4))), {"x": want(2, 3, 4)}, lambda m, i: [m(i["x"])], wanted=("x",))
record("rms_norm", shake(nn.RMSNorm(4)), {"x": want(2, 3, 4)}, lambda m, i: [m(i["x"])], wanted=("x",))
record("group_norm", shake(nn.GroupNorm(3, 6)), {"x": want(2, 6, 3, 4)}, lambda m, i: [m(i["x"])], wanted=("x",))
record("embedding", shake(nn.Embedding(7, 3, padding_idx=2)), {"ids": torch.tensor([[1, 2, 1], [6, 0, 2]])},
       lambda m, i: [m(i["ids"])])
record("conv2d", shake(nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2)),
       {"x": want(2, 4, 7, 5)}, lambda m, i: [m(i["x"])], wanted=("x",))
record("patch_embedding", shake(nn.Conv2d(2, 5, 3, stride=3)), {"x": want(2, 2, 6, 9)},
       lambda m, i: [m(i["x"]).flatten(2).transpose(1, 2)], wanted=("x",))
for momentum in (0.2, None):
    bn = shake(nn.BatchNorm2d(3, momentum=momentum))
    batches = [torch.randn(2, 3, 4, 5) * 2 + 1 for _ in range(3)]
    outputs = [listed(bn(b)) for b in batches]
    bn.eval()
    cases[f"batch_norm_{momentum}"] = {
        "weight": listed(bn.weight), "bias": listed(bn.bias), "batches": [listed(b) for b in batches], "outputs": outputs,
        "running_mean": listed(bn.running_mean), "running_var": listed(bn.running_var), "eval": listed(bn(batches[0])),
    }

# optimisers on sum(a (w - b)^2)
a, b = torch.rand(2, 3) + 0.5, torch.randn(2, 3)
start = torch.randn(2, 3)
runs = [
    ("SGD", {"lr": 0.1, "momentum": 0.8, "maximize": True}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.2, "amsgrad": True, "maximize": True}),
    ("AdamW", {"lr": 0.1, "weight_decay": 0.2, "amsgrad": True}),
    ("AdamW", {"lr": 0.1, "maximize": True}),
    ("RMSprop", {"lr": 0.05, "alpha": 0.9, "momentum": 0.7, "centered": True, "weight_decay": 0.1}),
    ("Adagrad", {"lr": 0.5, "lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.3}),
]
trajectories = []
for optimizer, args in runs:
    w = start.clone().requires_grad_()
    opt = getattr(torch.optim, optimizer)([w], **args)
    rows = []
    for _ in range(6):
        opt.zero_grad()
        (a * (w - b) ** 2).sum().backward()
        opt.step()
        rows.append(listed(w))
    trajectories.append({"optimizer": optimizer, "args": args, "rows": rows})
cases["optimizers"] = {"a": listed(a), "b": listed(b), "start": listed(start), "runs": trajectories}

# schedules that the parity fixtures leave out
tables = []
for kind, args, steps in [
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 17}, 17),
    ("OneCycleLR", {"max_lr": 0.1, "total_steps": 10, "pct_start": 0.4, "div_factor": 5, "final_div_factor": 100}, 10),
    ("PolynomialLR", {"total_iters": 6, "power": 2.0}, 9),
    ("CosineAnnealingWarmRestarts", {"T_0": 3, "T_mult": 2, "eta_min": 0.01}, 14),
    ("LinearLR", {}, 8),
]:
    opt = torch.optim.SGD([torch.zeros(1)], lr=0.2)
    sched = getattr(torch.optim.lr_scheduler, kind)(opt, **args)
    lr = []
    for i in range(steps):
        lr.append(opt.param_groups[0]["lr"])
        opt.step()
        if i + 1 < steps:
            sched.step()
    tables.append({"kind": kind, "args": args, "lr": lr})
cases["schedules"] = tables

# gradient norms
grads = [torch.randn(2, 3), torch.randn(4)]
norms = []
for p in (1.0, 2.0, 3.5, float("inf")):
    params = [torch.zeros_like(g).requires_grad_() for g in grads]
    for q, g in zip(params, grads):
        q.grad = g.clone()
    total = nn.utils.clip_grad_norm_(params, 0.7, p)
    norms.append({"p": "inf" if p == float("inf") else p, "total": total.item(), "clipped": [listed(q.grad) for q in params]})
cases["clip"] = {"grads": [listed(g) for g in grads], "norms": norms}

out = pathlib.Path(__file__).with_name("layers.json")
out.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in cases.items()) + "\n}\n")
