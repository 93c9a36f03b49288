"""Reference values for methods of arrays from PyTorch, in float64: python make_fixtures.py, with torch 2.13.

A case has inputs, outputs, and the gradients of sum(output * cos(1, 2, 3, ...)) for its float inputs (null where PyTorch
has none). Infinities and NaN are written as text.
"""
import json
import math
import pathlib

import torch

torch.set_default_dtype(torch.float64)
torch.manual_seed(20260711)
cases = {}


def listed(x):
    """Nested lists with 12 digits."""
    if isinstance(x, list):
        return [listed(v) for v in x]
    if isinstance(x, float):
        return float(f"{x:.12g}") if math.isfinite(x) else str(x)
    return x


def case(name, call, *inputs):
    leaves = [x.clone().requires_grad_() if x.is_floating_point() else x for x in inputs]
    out = call(*leaves)
    outputs = list(out) if isinstance(out, (list, tuple)) else [out]
    loss = sum(
        (o * torch.cos(torch.arange(1.0, o.numel() + 1)).reshape(o.shape)).sum() for o in outputs if o.requires_grad
    )
    if torch.is_tensor(loss):
        loss.backward()
    cases[name] = {
        "inputs": [{"dtype": str(x.dtype)[6:], "values": listed(x.tolist())} for x in inputs],
        "outputs": [listed(o.tolist()) for o in outputs],
        "grads": [None if not x.is_floating_point() or x.grad is None else listed(x.grad.tolist()) for x in leaves],
    }


def normal(*shape):
    return (torch.randn(*shape) * 100).round() / 100


def ints(*values):
    return torch.tensor(values)


x34 = normal(3, 4)
mask34 = torch.tensor([[1, 0, 0, 1], [0, 0, 0, 0], [1, 1, 0, 1]]).bool()
row = torch.tensor([True, False, True, True])
case("nonzero", lambda x: torch.nonzero(x), torch.tensor([[0, 2, 0], [3, 0, -1]]))
case("maskedSelect", lambda x, m: torch.masked_select(x, m), x34, mask34)
case("maskedSelect, broadcast", lambda x, m: torch.masked_select(x, m), x34, row)
case("slice, mask", lambda x, m: x[m], x34, mask34)
case("slice, mask of an axis", lambda x, m: x[1:, m], x34, row)
case("slice, mask of two axes", lambda x, m: x[..., m, 1], normal(2, 3, 4, 2), mask34)
case("takeAlongDim", lambda x, i: torch.take_along_dim(x, i, 1), x34, torch.tensor([[2, 0]]))
case("takeAlongDim, flat", lambda x, i: torch.take_along_dim(x, i), x34, ints(11, 0, 5))
case("scatter", lambda x, i, s: x.scatter(1, i, s), x34, torch.tensor([[3, 1], [0, 2], [1, 3]]), normal(3, 2))
case("scatter, a number", lambda x, i: x.scatter(0, i, 7.5), x34, torch.tensor([[2, 2, 0, 1]]))
case("indexAdd", lambda x, i, s: x.index_add(1, i, s, alpha=-2), x34, ints(0, 3, 0), normal(3, 3))
case("indexPut", lambda x, i, j, v: x.index_put((i, j), v), x34, ints(0, 2, 1), ints(3, 1, 0), normal(3))
case("indexPut, rows", lambda x, i, v: x.index_put((i,), v), x34, ints(2, 0), normal(4))
case(
    "indexPut, adding", lambda x, i, j, v: x.index_put((i, j), v, accumulate=True), x34,
    torch.tensor([[0], [2]]), ints(3, 1, 3), normal(2, 3),
)
case("indexPut, mask", lambda x, m: x.index_put((m,), torch.tensor(-1.5)), x34, mask34)

case("chunk", lambda x: torch.chunk(x, 3, 1), normal(2, 7))
case("unbind", lambda x: torch.unbind(x, 1), x34)
case("repeat", lambda x: x.repeat(2, 3, 1), normal(2, 3))
case("tile", lambda x: torch.tile(x, (2,)), normal(2, 3))
case("outer", torch.outer, normal(3), normal(4))
case("dot", torch.dot, normal(4), normal(4))
case("trace", torch.trace, normal(3, 4))
case("diag", lambda x: torch.diag(x, 1), normal(3))
case("diag, below", lambda x: torch.diag(x, -2), normal(2))
case("diag of a matrix", lambda x: torch.diag(x, -1), x34)
case("softmax", lambda x: torch.softmax(x, 0), x34)
case("logSoftmax", lambda x: torch.log_softmax(x, 1), x34)

spread = torch.tensor([-2.5, -0.4, 0.3, 1.7, 40.25])
inside = torch.tensor([-0.9, -0.2, 0.0, 0.35, 0.8])
above = torch.tensor([0.02, 0.5, 1.0, 8.0, 1000.0])
for name, f, x in [
    ("log2", torch.log2, above), ("log10", torch.log10, above), ("tan", torch.tan, inside), ("asin", torch.asin, inside),
    ("acos", torch.acos, inside), ("atan", torch.atan, spread), ("sinh", torch.sinh, inside), ("cosh", torch.cosh, inside),
    ("trunc", torch.trunc, spread),
]:
    case(name, f, x)
case("atan2", torch.atan2, x34, normal(4))
case("fmod", torch.fmod, x34 * 3, normal(3, 1))
case("logaddexp", torch.logaddexp, x34, torch.tensor([0.5, -1e3, 1e3, 2.0]))
odd = torch.tensor([math.inf, -math.inf, math.nan, 1.5])
case("isInf", torch.isinf, odd)
case("nanToNum", lambda x: torch.nan_to_num(x, nan=2.5, posinf=7.0), odd)
case("isClose", torch.isclose, torch.tensor([1.0, 1.0, math.inf, -math.inf, math.nan, 0.0]),
     torch.tensor([1 + 9e-6, 1 + 2e-5, math.inf, math.inf, math.nan, 1e-9]))

ties = torch.tensor([[3.0, 1.0, 3.0, 2.0], [0.5, -1.0, 4.0, 4.0], [2.0, 2.0, 2.0, -5.0]])
case("argsort", lambda x: torch.argsort(x, dim=0, stable=True), ties)
case("argsort, descending", lambda x: torch.argsort(x, dim=1, descending=True, stable=True), ties)
case("median", lambda x: torch.median(x), x34)
case("median of an axis", lambda x: torch.median(x, 1, keepdim=True).values, x34)
case("median of NaN", lambda x: torch.median(x, 0).values, torch.tensor([[1.0, math.nan], [2.0, 0.0], [3.0, 1.0]]))
case("quantile", lambda x: torch.quantile(x, 0.3), x34)
case("quantile, several", lambda x: torch.quantile(x, torch.tensor([0.0, 0.25, 0.8, 1.0]), 1), x34)
for how in ["lower", "higher", "midpoint", "nearest"]:
    case(f"quantile, {how}", lambda x: torch.quantile(x, 0.5, 1, keepdim=True, interpolation=how), x34)
case("cumprod", lambda x: torch.cumprod(x, 1), torch.tensor([[2.0, 0.0, 3.0, 0.5], [1.0, -2.0, 3.0, 4.0], [0.0, 0.0, 1.0, 2.0]]))
case("cummax", lambda x: list(torch.cummax(x, 1)), ties)
case("cummin", lambda x: list(torch.cummin(x, 0)), ties)
case("unique", lambda x: torch.unique(x, return_inverse=True, return_counts=True), ties.long())
case("bincount", lambda x: torch.bincount(x, minlength=7), ints(3, 0, 3, 5))
case("bincount, weights", lambda x, w: torch.bincount(x, w.detach()), ints(3, 0, 3), normal(3))
case("histc", lambda x: torch.histc(x.detach(), 5, -1.0, 1.0), x34)
case("histc, own range", lambda x: torch.histc(x.detach(), 4), x34)
row5 = torch.tensor([1.0, 2.0, 2.0, 3.5])
wanted = torch.tensor([[0.0, 2.0, 9.0], [3.5, 1.0, math.nan]])
case("searchsorted", lambda s, v: torch.searchsorted(s, v), row5, wanted)
case("searchsorted, right", lambda s, v: torch.searchsorted(s, v, right=True), row5, wanted)
case("searchsorted, rows", lambda s, v: torch.searchsorted(s, v), torch.stack([row5, row5 * 2]), wanted[:, :2])
case("lerp", lambda a, b: torch.lerp(a, b, 0.7), x34, normal(4))
case("lerp, weights", lambda a, b, w: torch.lerp(a, b, w), x34, normal(3, 4), torch.tensor([0.1, 0.5, 0.9, 1.5]))
case("meshgrid", lambda a, b: torch.meshgrid(a, b, indexing="ij"), normal(2), normal(3))
case("meshgrid, xy", lambda a, b: torch.meshgrid(a, b, indexing="xy"), normal(2), normal(3))
case("vstack", lambda a, b: torch.vstack((a, b)), normal(3), normal(2, 3))
case("hstack", lambda a, b: torch.hstack((a, b)), normal(2, 3), normal(2, 1))
case("hstack, vectors", lambda a, b: torch.hstack((a, b)), normal(2), normal(3))
case("cdist", lambda a, b: torch.cdist(a, b), normal(2, 3, 4), normal(2, 5, 4))
case("cdist, 1", lambda a, b: torch.cdist(a, b, p=1.0), normal(3, 4), normal(2, 4))
rows33 = torch.tensor([[2, 0, 1], [1, 5, 1], [2, 0, 1], [1, 5, 0], [2, 0, 1]])
both = {"return_inverse": True, "return_counts": True}
case("unique, rows", lambda x: torch.unique(x, dim=0, **both), rows33)
case("unique, columns", lambda x: torch.unique(x, dim=-1, **both), ints(*[[3, 1, 3, 0], [2, 2, 2, 9]]))
case("unique, an axis of three", lambda x: torch.unique(x, dim=2, **both),
     torch.tensor([[[3, 1, 3, 1], [0, 4, 0, 2]], [[5, 1, 5, 1], [0, 0, 0, 0]], [[7, 7, 7, 7], [1, 2, 1, 3]]]))

path = pathlib.Path(__file__).parent / "arrays.json"
path.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in cases.items()) + "\n}\n")
