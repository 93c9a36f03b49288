"""One AdamW training step of a CLIP of two small towers in PyTorch on the CPU.
Usage: python torch-clip.py 64,4,2,64,32,8,16,500      d, heads, layers, batch, image, patch, T, vocabulary"""
import math
import torch, torch.nn as nn, torch.nn.functional as F
from measure import configuration
from training import Block, train

config = d, heads, layers, B, size, patch, T, V = configuration("64,4,2,64,32,8,16,500")


def quick_gelu(x):
    return x * torch.sigmoid(1.702 * x)


def blocks(causal):
    return nn.Sequential(*(Block(d, heads, quick_gelu, causal) for _ in range(layers)))


class Vision(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, d, patch, stride=patch, bias=False)
        self.class_token = nn.Parameter(torch.randn(1, 1, d) * 0.02)
        self.positions = nn.Parameter(torch.randn(1, 1 + (size // patch) ** 2, d) * 0.02)
        self.pre_norm, self.blocks, self.norm = nn.LayerNorm(d), blocks(causal=False), nn.LayerNorm(d)

    def forward(self, images):
        x = self.patches(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_token.expand(B, -1, -1), x], 1) + self.positions
        return self.norm(self.blocks(self.pre_norm(x))[:, 0])


class Text(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(V, d), nn.Embedding(T, d)
        self.blocks, self.norm = blocks(causal=True), nn.LayerNorm(d)

    def forward(self, ids):
        x = self.norm(self.blocks(self.tokens(ids) + self.positions(torch.arange(T))))
        return x[torch.arange(B), ids.argmax(1)]  # where the text ends: its largest id


class CLIP(nn.Module):
    def __init__(self):
        super().__init__()
        self.vision, self.text = Vision(), Text()
        self.image_projection, self.text_projection = nn.Linear(d, d, bias=False), nn.Linear(d, d, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, ids, images):
        image = F.normalize(self.image_projection(self.vision(images)), dim=-1)
        text = F.normalize(self.text_projection(self.text(ids)), dim=-1)
        return text @ image.T * self.logit_scale.exp()


model = CLIP()
ids, images, diagonal = torch.randint(0, V, (B, T)), torch.randn(B, 3, size, size), torch.arange(B)


def loss():
    logits = model(ids, images)
    return (F.cross_entropy(logits, diagonal) + F.cross_entropy(logits.T, diagonal)) / 2


train(model, torch.optim.AdamW(model.parameters(), 1e-3), loss, config)
