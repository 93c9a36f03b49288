"""One AdamW training step of a small ViT in PyTorch on the CPU: ten classes of grey images.
Usage: python torch-vit.py 64,4,4,64,28,7      d, heads, layers, batch, image, patch"""
import torch, torch.nn as nn, torch.nn.functional as F
from measure import configuration
from training import Block, train

config = d, heads, layers, B, size, patch = configuration("64,4,4,64,28,7")


class ViT(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(1, d, patch, stride=patch)
        self.class_token = nn.Parameter(torch.randn(1, 1, d) * 0.02)
        self.positions = nn.Parameter(torch.randn(1, 1 + (size // patch) ** 2, d) * 0.02)
        self.blocks = nn.ModuleList(Block(d, heads) for _ in range(layers))
        self.norm, self.classifier = nn.LayerNorm(d), nn.Linear(d, 10)

    def forward(self, images):
        x = self.patches(images).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_token.expand(B, -1, -1), x], 1) + self.positions
        for block in self.blocks:
            x = block(x)
        return self.classifier(self.norm(x)[:, 0])


model = ViT()
images, labels = torch.randn(B, 1, size, size), torch.randint(0, 10, (B,))
optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
train(model, optimizer, lambda: F.cross_entropy(model(images), labels), config)
