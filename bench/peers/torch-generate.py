"""Greedy generation by a GPT with a cache of keys and values, in PyTorch on the CPU: a full context from one token.
Usage: python torch-generate.py 128,4,4,128,65      d, heads, layers, context, vocabulary. The figure is ms per token."""
import torch, torch.nn as nn, torch.nn.functional as F
from measure import configuration, contend
from training import gelu_tanh

config = d, heads, layers, context, V = configuration("128,4,4,128,65")


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.n1, self.qkv, self.o = nn.LayerNorm(d), nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.n2, self.f1, self.f2 = nn.LayerNorm(d), nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, x, past):
        B, T, _ = x.shape
        q, k, v = (z.view(B, T, heads, -1).transpose(1, 2) for z in self.qkv(self.n1(x)).split(d, 2))
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        a = F.scaled_dot_product_attention(q, k, v, is_causal=past is None)
        x = x + self.o(a.transpose(1, 2).reshape(B, T, d))
        return x + self.f2(gelu_tanh(self.f1(self.n2(x)))), (k, v)


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(V, d), nn.Embedding(context, d)
        self.blocks = nn.ModuleList(Block() for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, V, bias=False)

    def forward(self, ids, cache, start):
        x = self.tokens(ids) + self.positions(torch.arange(start, start + ids.shape[1]))
        for i, block in enumerate(self.blocks):
            x, cache[i] = block(x, cache[i])
        return self.head(self.norm(x))


model = GPT().eval()


@torch.inference_mode()
def generate():
    ids, cache = [0], [None] * layers
    for position in range(context):
        logits = model(torch.tensor([[ids[-1]]]), cache, position)
        ids.append(logits[0, -1].argmax().item())


params = sum(p.numel() for p in model.parameters())
contend("PyTorch", generate, per=context, config=config, params=params, threads=torch.get_num_threads())
