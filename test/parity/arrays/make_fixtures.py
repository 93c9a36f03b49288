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

path = pathlib.Path(__file__).parent / "arrays.json"
path.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in cases.items()) + "\n}\n")
