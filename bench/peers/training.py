"""What the PyTorch twins share: a transformer block with the layers of ours, and a training step."""
import torch.nn as nn, torch.nn.functional as F, torch
from measure import contend

# As many threads as the benchmark says (OMP_NUM_THREADS), else PyTorch's own choice.


class Block(nn.Module):
    """Pre-norm: x + attention(norm(x)), then x + mlp(norm(x))."""

    def __init__(self, d, heads, activation=F.gelu, causal=False):
        super().__init__()
        self.n1, self.qkv, self.o = nn.LayerNorm(d), nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.n2, self.f1, self.f2 = nn.LayerNorm(d), nn.Linear(d, 4 * d), nn.Linear(4 * d, d)
        self.heads, self.activation, self.causal = heads, activation, causal

    def forward(self, x):
        B, T, d = x.shape
        q, k, v = (z.view(B, T, self.heads, -1).transpose(1, 2) for z in self.qkv(self.n1(x)).split(d, 2))
        a = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        x = x + self.o(a.transpose(1, 2).reshape(B, T, d))
        return x + self.f2(self.activation(self.f1(self.n2(x))))


def gelu_tanh(x):
    return F.gelu(x, approximate="tanh")


def train(model, optimizer, loss_of, config, clip=None):
    """Measure forward, loss, backward, clipping to the norm `clip` if given, update."""

    def step():
        loss = loss_of()
        optimizer.zero_grad()
        loss.backward()
        if clip:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        loss.item()

    params = sum(p.numel() for p in model.parameters())
    contend("PyTorch", step, config=config, params=params, threads=torch.get_num_threads())
