"""One SGD training step of a small ResNet in PyTorch on the CPU: ten classes of 3 x 32 x 32 images.
Usage: python torch-resnet.py 16,2,32      channels of the first stage, blocks per stage, batch"""
import torch, torch.nn as nn, torch.nn.functional as F
from measure import configuration
from training import train

config = width, blocks, B = configuration("16,2,32")


class ConvNorm(nn.Module):
    def __init__(self, c_in, c_out, kernel, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(c_in, c_out, kernel, stride, padding=kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(c_out)

    def forward(self, x):
        return self.norm(self.conv(x))


class Block(nn.Module):
    def __init__(self, c_in, c_out, stride):
        super().__init__()
        self.first, self.second = ConvNorm(c_in, c_out, 3, stride), ConvNorm(c_out, c_out, 3)
        self.shortcut = nn.Identity() if c_in == c_out and stride == 1 else ConvNorm(c_in, c_out, 1, stride)

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = ConvNorm(3, width, 3)
        channels, stack = width, []
        for stage in range(3):
            for i in range(blocks):
                stack.append(Block(channels, width << stage, 2 if stage > 0 and i == 0 else 1))
                channels = width << stage
        self.blocks, self.classifier = nn.Sequential(*stack), nn.Linear(channels, 10)

    def forward(self, images):
        x = self.blocks(F.relu(self.stem(images)))
        return self.classifier(F.adaptive_avg_pool2d(x, 1).flatten(1))


model = ResNet()
images, labels = torch.randn(B, 3, 32, 32), torch.randint(0, 10, (B,))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
train(model, optimizer, lambda: F.cross_entropy(model(images), labels), config)
