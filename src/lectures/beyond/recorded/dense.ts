import { type Recording, readScenes, type SceneSource } from "../../../data";
import { denseScenes } from "../dense-scenes";
import { meanAveragePrecision, meanIoU } from "../metrics";
import { detect, detectorFrom, segment, trainDetector, trainSegmenter } from "../train-dense";

/** A score on scenes of pairs of kinds that training has seen, and of pairs that it has not. */
export interface DenseScore {
  readonly newScenes: number;
  readonly newPairs: number;
}

export interface DenseRun {
  /** mIoU of the two heads. */
  readonly linear: DenseScore;
  readonly tokens: DenseScore;
  /** Mean average precision at IoU 0.5 of the detector that starts from the second. */
  readonly detection: DenseScore;
}

const SEGMENT_STEPS = 1200;
const DETECT_STEPS = 800;
const TESTS = 300;

const scoresOf = (
  source: SceneSource,
  score: (scenes: ReturnType<typeof denseScenes>) => number,
): DenseScore => ({
  newScenes: score(denseScenes(source, TESTS, { seed: 99 })),
  newPairs: score(denseScenes(source, TESTS, { seed: 98, heldOut: true })),
});

/** Segmentation with two heads, and detection, as `npm run record -- beyond-dense` runs them. */
export const recording: Recording<DenseRun> = {
  says: `mIoU of the two segmenters (${SEGMENT_STEPS} steps of 16 scenes) and mean average precision of the detector (${DETECT_STEPS} steps more) on ${TESTS} scenes`,
  seeds: [1, 2, 3],
  async run(seed, log) {
    const source = await readScenes();
    const classes = source.kinds.length;
    const after = (step: number, loss: number) => {
      if (step % 200 === 0) log(`step ${step}: ${loss.toFixed(3)}`);
    };
    const segmenters = (["linear", "tokens"] as const).map((head) =>
      trainSegmenter(source, head, { steps: SEGMENT_STEPS, seed, after }),
    );
    const [linear, tokens] = segmenters.map((model) =>
      scoresOf(source, (scenes) => meanIoU(segment(model, scenes), scenes.masks, classes + 1)),
    );
    const detector = detectorFrom(segmenters[1], classes);
    trainDetector(source, detector, { steps: DETECT_STEPS, seed, after });
    const detection = scoresOf(source, (scenes) =>
      meanAveragePrecision(detect(detector, scenes), scenes.objects, classes),
    );
    return { linear, tokens, detection };
  },
};
