import { checkTensor, concat, type Tensor } from "../../autograd";
import { dims } from "../../tensor";

/** Boxes as rows of four numbers: corners (x0, y0, x1, y1), or centre and size (x, y, width, height). */

function halves(op: string, boxes: Tensor): [Tensor, Tensor] {
  checkTensor(op, boxes);
  dims(op, boxes.shape.slice(-1), "4");
  return [boxes.narrow(-1, 0, 2), boxes.narrow(-1, 2, 2)];
}

/** (…, 4) centre and size → (…, 4) corners. */
export function cornersOf(boxes: Tensor): Tensor {
  const [centre, size] = halves("cornersOf", boxes);
  const half = size.div(2);
  return concat([centre.sub(half), centre.add(half)], -1);
}

/** (…, 4) corners → (…, 4) centre and size. */
export function centresOf(boxes: Tensor): Tensor {
  const [first, second] = halves("centresOf", boxes);
  return concat([first.add(second).div(2), second.sub(first)], -1);
}

const area = (first: Tensor, second: Tensor): Tensor => {
  const size = second.sub(first);
  return size.select(-1, 0).mul(size.select(-1, 1));
};

/** Of boxes that broadcast against each other, (…, 4) by their corners: IoU and generalised IoU, (…). */
export function overlaps(op: string, a: Tensor, b: Tensor): { iou: Tensor; giou: Tensor } {
  const [[a0, a1], [b0, b1]] = [halves(op, a), halves(op, b)];
  const inside = a1.minimum(b1).sub(a0.maximum(b0)).clamp(0, Number.POSITIVE_INFINITY);
  const both = inside.select(-1, 0).mul(inside.select(-1, 1));
  const either = area(a0, a1).add(area(b0, b1)).sub(both);
  const hull = area(a0.minimum(b0), a1.maximum(b1));
  const iou = both.div(either);
  return { iou, giou: iou.sub(hull.sub(either).div(hull)) };
}

const pairs = (op: string, a: Tensor, b: Tensor) => {
  for (const boxes of [a, b]) {
    checkTensor(op, boxes);
    dims(op, boxes.shape, "N 4");
  }
  return overlaps(op, a.unsqueeze(1), b.unsqueeze(0));
};

/** Area of what two boxes share / area of what either covers, by corners: (N, 4), (M, 4) → (N, M), 0 … 1. */
export const boxIoU = (a: Tensor, b: Tensor): Tensor => pairs("boxIoU", a, b).iou;

/**
 * IoU − (hull − union) / hull, where the hull is the smallest box around both: also boxes that do not meet are told how
 * far apart they are, −1 … 1. (N, 4), (M, 4) → (N, M). Rezatofighi et al., "Generalized intersection over union", 2019.
 */
export const generalizedBoxIoU = (a: Tensor, b: Tensor): Tensor => pairs("generalizedBoxIoU", a, b).giou;
