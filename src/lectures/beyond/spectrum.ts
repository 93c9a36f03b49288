import {
  arange,
  array,
  check,
  checkArray,
  expected,
  type Generator,
  type NDArray,
  showShape,
  words,
  zeros,
} from "../../tensor";

/** Samples in a window, and from one window to the next. */
const [WINDOW, HOP] = [256, 128];
/** Frequencies, from silence's 0 Hz to half the sampling rate. */
export const BINS = WINDOW / 2 + 1;

/** cos and −sin of every frequency, times the window: (256, 129) each; and back again, (129, 256). */
function tables() {
  const t = arange(0, WINDOW).to("float64").unsqueeze(1);
  const k = arange(0, BINS).to("float64").unsqueeze(0);
  const angle = t.mul(k).mul((2 * Math.PI) / WINDOW);
  const hann = t
    .mul((2 * Math.PI) / WINDOW)
    .cos()
    .neg()
    .add(1)
    .div(2);
  // Frequencies inside count twice: once for the half that is left out.
  const twice = array(Array.from({ length: BINS }, (_, i) => (i === 0 || i === BINS - 1 ? 1 : 2) / WINDOW));
  const [cos, sin] = [angle.cos(), angle.sin().neg()];
  return {
    cos: cos.mul(hann).to("float32"),
    sin: sin.mul(hann).to("float32"),
    fromCos: cos.mul(twice.to("float64")).transpose().contiguous().to("float32"),
    fromSin: sin.mul(twice.to("float64")).transpose().contiguous().to("float32"),
  };
}

let kept: ReturnType<typeof tables> | undefined;
const theTables = () => {
  kept ??= tables();
  return kept;
};

/** Overlapping windows of each sound: (N, samples) → (N, F, 256), F = samples / 128; before and after is silence. */
function windowsOf(sounds: NDArray): NDArray {
  const [N, samples] = sounds.shape;
  const padded = sounds.pad([[HOP / 2, WINDOW - HOP / 2]]);
  const F = samples / HOP;
  const index = arange(0, F).mul(HOP).unsqueeze(1).add(arange(0, WINDOW));
  return padded.indexSelect(1, index.flatten()).reshape([N, F, WINDOW]);
}

const parts = (sounds: NDArray) => {
  const { cos, sin } = theTables();
  const windows = windowsOf(sounds);
  return { re: windows.matmul(cos), im: windows.matmul(sin) };
};

/**
 * How loud each frequency is in each moment: sounds (N, samples) → (N, F, 129), log(1 + |short-time Fourier transform|), in
 * windows of 256 samples, one every 128. What is lost is the phase.
 */
export function spectrogram(sounds: NDArray): NDArray {
  checkArray("spectrogram", sounds);
  if (sounds.ndim !== 2 || sounds.shape[1] % HOP !== 0)
    throw expected(
      "spectrogram",
      `sounds (N, samples), a multiple of ${HOP} samples`,
      words(showShape(sounds.shape)),
    );
  const { re, im } = parts(sounds);
  return re.square().add(im.square()).sqrt().log1p();
}

/**
 * Sounds whose spectrogram is about this: (N, F, 129) → (N, 128 F). The phase is found by going there and back, each time
 * with the loudness that is wanted; Griffin and Lim, "Signal estimation from modified short-time Fourier transform", 1984.
 */
export function fromSpectrogram(spectra: NDArray, generator: Generator, rounds = 30): NDArray {
  checkArray("fromSpectrogram", spectra);
  check("fromSpectrogram", "generator", generator, "generator");
  check("fromSpectrogram", "rounds", rounds, "count");
  if (spectra.ndim !== 3 || spectra.shape[2] !== BINS)
    throw expected("fromSpectrogram", `spectra (N, F, ${BINS})`, words(showShape(spectra.shape)));
  const loudness = spectra.clamp(0, 20).expm1();
  const angle = generator.uniform([...spectra.shape], { high: 2 * Math.PI });
  let sounds = together(loudness.mul(angle.cos()), loudness.mul(angle.sin()));
  for (let round = 0; round < rounds; round++) {
    const { re, im } = parts(sounds);
    const length = re.square().add(im.square()).sqrt().add(1e-8);
    sounds = together(re.div(length).mul(loudness), im.div(length).mul(loudness));
  }
  return sounds;
}

/** Windows from their frequencies, added up where they overlap: (N, F, 129) twice → (N, 128 F). */
function together(re: NDArray, im: NDArray): NDArray {
  const { fromCos, fromSin } = theTables();
  const windows = re.matmul(fromCos).add(im.matmul(fromSin)); // (N, F, 256)
  const [N, F] = windows.shape;
  const halves = windows.reshape([N, F, 2, HOP]);
  // Two Hann windows, half a window apart, add up to 1.
  const sum = zeros([N, F + 1, HOP]);
  sum.narrow(1, 0, F).assign(halves.select(2, 0));
  sum.narrow(1, 1, F).assign(sum.narrow(1, 1, F).add(halves.select(2, 1)));
  return sum
    .reshape([N, (F + 1) * HOP])
    .narrow(1, HOP / 2, F * HOP)
    .contiguous();
}
