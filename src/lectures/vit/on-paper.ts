import { full, type NDArray } from "../../tensor";

/** (N, 28, 28), ink 1 → (N, 3, 32, 32), ink 0 on white. */
export function onPaper(images: NDArray): NDArray {
  const N = images.shape[0];
  const paper = full([N, 32, 32], 1);
  paper.slice(":", "2:30", "2:30").assign(images.neg().add(1));
  return paper.unsqueeze(1).expand([N, 3, 32, 32]).contiguous();
}
