import { relu, type Tensor } from "../../autograd";
import { BatchNorm2d, Conv2d, Linear, Module } from "../../nn";
import { check } from "../../tensor";

/** x + f(x), f two 3 × 3 convolutions; with another number of channels or half the pixels, x goes through a 1 × 1 one. */
class Residual extends Module {
  readonly first: Conv2d;
  readonly firstNorm: BatchNorm2d;
  readonly second: Conv2d;
  readonly secondNorm: BatchNorm2d;
  readonly shortcut?: Conv2d;

  constructor(from: number, to: number, stride: number) {
    super();
    this.first = new Conv2d(from, to, 3, { stride, padding: 1, bias: false });
    this.firstNorm = new BatchNorm2d(to);
    this.second = new Conv2d(to, to, 3, { padding: 1, bias: false });
    this.secondNorm = new BatchNorm2d(to);
    if (from !== to || stride !== 1) this.shortcut = new Conv2d(from, to, 1, { stride, bias: false });
  }

  forward(x: Tensor): Tensor {
    const h = relu(this.firstNorm.forward(this.first.forward(x)));
    const around = this.shortcut ? this.shortcut.forward(x) : x;
    return relu(this.secondNorm.forward(this.second.forward(h)).add(around));
  }
}

/**
 * A small residual network: a convolution and three stages of one block, of width, 2 · width and 4 · width channels, each with half the
 * rows and columns of the one before, then the mean over all places. He et al., "Deep residual learning for image recognition", 2016.
 */
export class SmallResNet extends Module {
  readonly stem: Conv2d;
  readonly norm: BatchNorm2d;
  readonly stages: Residual[];
  readonly classifier: Linear;

  constructor(channels: number, width: number, classes: number) {
    super();
    check("SmallResNet", "channels", channels, "size");
    check("SmallResNet", "width", width, "size");
    check("SmallResNet", "classes", classes, "size");
    this.stem = new Conv2d(channels, width, 3, { padding: 1, stride: 2, bias: false });
    this.norm = new BatchNorm2d(width);
    this.stages = [
      new Residual(width, width, 2),
      new Residual(width, 2 * width, 2),
      new Residual(2 * width, 4 * width, 2),
    ];
    this.classifier = new Linear(4 * width, classes);
  }

  /** images (B, channels, H, W) → (B, classes) */
  forward(images: Tensor): Tensor {
    const first = relu(this.norm.forward(this.stem.forward(images)));
    const last = this.stages.reduce((x, stage) => stage.forward(x), first);
    return this.classifier.forward(last.mean([2, 3]));
  }
}
