"""Single operations in PyTorch on the CPU.
Usage: python torch-kernels.py '[{"op": "softmax", "shape": [2048, 64]}]'      prints the median ms of each, as JSON"""
import json, statistics, sys
import torch, torch.nn.functional as F

from measure import turn

TURNS, SECONDS_PER_TURN = 9, 0.04


def operation(op, shape):
    if op in ("matmul", "linear"):
        m, k, n = shape
        a, b, w = torch.randn(m, k), torch.randn(k, n), torch.randn(n, k)
        return (lambda: a @ b) if op == "matmul" else (lambda: F.linear(a, w))
    x, y, z = torch.randn(shape), torch.randn(shape), torch.randn(shape)
    weight, bias = torch.randn(shape[-1]), torch.randn(shape[-1])
    return {
        "softmax": lambda: F.softmax(x, -1),
        "layerNorm": lambda: F.layer_norm(x, shape[1:], weight, bias),
        "gelu": lambda: F.gelu(x),
        "attention": lambda: F.scaled_dot_product_attention(x, y, z, is_causal=True),
    }[op]


def measure(f):
    for _ in range(4):
        turn(f, SECONDS_PER_TURN)
    return float(f"{statistics.median(turn(f, SECONDS_PER_TURN) for _ in range(TURNS)):.4g}")


wanted = json.loads(sys.argv[1])
with torch.inference_mode():
    operations = [{"ms": measure(operation(made["op"], made["shape"]))} for made in wanted]
print(json.dumps({"peer": "PyTorch", "threads": torch.get_num_threads(), "operations": operations}))
