import { check, checkOptions, expected } from "../../tensor";
import { type DisplayUpdater, type MimeBundle, notebookKernel } from "../display";
import { imageOf } from "../figures/figure";
import { xyFigure } from "../figures/line";
import { xySvg } from "../figures/xy-chart";
import { say } from "../language";
import { isShortRun } from "../length";
import { element, fragment } from "../markup";
import { formatCount, formatDuration, formatNumber } from "../numbers";
import { type Curve, chartsOf } from "./history";
import { Meter } from "./meter";
import { type CheckpointOptions, Saving } from "./saving";

export interface TrainingViewOptions {
  /** How many steps the run takes. */
  readonly totalSteps: number;
  readonly title?: string;
  /** Tokens (or images, …) in one step, to show the speed in tokens too. */
  readonly tokensPerStep?: number;
  /** Save the training as it goes, and go on from there after a restart; see {@link CheckpointOptions}. */
  readonly checkpoint?: CheckpointOptions;
  /** Losses to compare with, by name, as dashed lines in the chart of the losses: `{ unigram: 6.39 }`. */
  readonly marks?: { readonly [name: string]: number };
}

/** What surrounds a view; tests put their own in its place. */
export interface Surroundings {
  /** Milliseconds that never go back. */
  readonly now: () => number;
  readonly terminal: { readonly isTTY?: boolean; write(text: string): unknown };
}

/** Metrics of one step by name. `loss` is the usual one; every name with "loss" in it shares one chart. */
export type StepMetrics = { readonly [metric: string]: number | undefined };

const realSurroundings = (): Surroundings => ({ now: () => performance.now(), terminal: process.stdout });

/**
 * A training run as its reader follows it: progress, speed, time left, and curves that grow.
 *
 * ```ts
 * const view = trainingView({ totalSteps: 500, title: "GPT" });
 * for (const step of view.steps()) {
 *   …
 *   view.step({ loss: loss.item(), lr });
 * }
 * ```
 * With `checkpoint: { path, model, optimizer, scheduler, generator }` everything is saved every 100 steps, and the next
 * time `steps()` begins where the file ends: no run has to be repeated, and what follows is the same bit for bit.
 *
 * In a short run (see {@link inFull}) `steps()` gives the first step and the last, and says so.
 *
 * The loop may be synchronous or await. When it ends, by its last step, `break` or an error, the final state
 * stays in the notebook, with live plots. In a terminal it is one line.
 */
export function trainingView(options: TrainingViewOptions): TrainingView {
  return new TrainingView(options);
}

/** See {@link trainingView}. */
export class TrainingView {
  /** Every metric so far: what `line(Object.fromEntries(view.history))` draws. */
  readonly history: ReadonlyMap<string, Curve>;
  private readonly curves = new Map<string, Curve>();
  private readonly meter: Meter;
  private readonly title: string;
  private readonly tokensPerStep: number;
  private readonly saving: Saving | null;
  /** Steps that an earlier run had done. */
  private resumedAt = 0;
  /** In a short run the steps that a full one would take; else 0. */
  private readonly inFull: number;
  private readonly marks: TrainingViewOptions["marks"];
  private output: DisplayUpdater | null = null;
  private paintedAt = Number.NEGATIVE_INFINITY;
  private pause = 0;
  private printedTenth = -1;
  private iterating = false;
  private reported = 0;
  private finished = false;

  constructor(
    options: TrainingViewOptions,
    private readonly surroundings: Surroundings = realSurroundings(),
  ) {
    checkOptions(
      "TrainingView",
      options,
      "totalSteps, title",
      { totalSteps: "number", title: "text", tokensPerStep: "number", marks: "any", checkpoint: "any" },
      ["totalSteps"],
    );
    check("TrainingView", "surroundings", surroundings, "object");

    const { totalSteps, title = "training", tokensPerStep = 0, marks } = options;
    if (!Number.isInteger(totalSteps) || totalSteps < 0) {
      throw expected("trainingView", "totalSteps to be a whole number", totalSteps);
    }
    this.title = title;
    this.tokensPerStep = tokensPerStep;
    this.saving = options.checkpoint ? new Saving(options.checkpoint) : null;
    this.marks = marks;
    this.meter = new Meter(totalSteps, surroundings.now);
    this.inFull = isShortRun() ? totalSteps : 0;
    this.history = this.curves;
  }

  /**
   * The numbers 0 … totalSteps − 1, without those that a checkpoint has behind it; in a short run, the first and the last
   * of them. When the loop ends, for whatever reason, the view is finished.
   */
  *steps(): Generator<number, void, void> {
    if (this.saving && this.meter.done === 0) {
      this.resumedAt = this.saving.load(this.curves);
      this.meter.resume(this.resumedAt);
    }
    this.iterating = true;
    this.begin();
    try {
      const { done: first, total } = this.meter;
      if (this.inFull) this.meter.total = Math.min(total, first + 2);
      const { total: end } = this.meter;
      for (let step = first; step < end; step++) {
        yield step === end - 1 ? total - 1 : step;
        this.advanceTo(step + 1);
      }
    } finally {
      this.iterating = false;
      this.finish();
    }
  }

  /** One step is done; `metrics` are what it reports. `tokens` counts for this step's speed in tokens. */
  step(metrics: StepMetrics = {}): void {
    check("trainingView.step", "metrics", metrics, "object");
    this.begin();
    this.reported++;
    const step = this.iterating ? this.meter.done + 1 : Math.max(this.reported, this.meter.done + 1);
    this.meter.tokens += metrics.tokens ?? this.tokensPerStep;
    for (const [name, value] of Object.entries(metrics)) {
      if (value === undefined || name === "tokens") continue;
      let curve = this.curves.get(name);
      if (!curve) {
        curve = { x: [], y: [] };
        this.curves.set(name, curve);
      }
      curve.x.push(step);
      curve.y.push(value);
    }
    if (!this.iterating) this.advanceTo(step);
  }

  /** Show the final state. Called by `steps()` at its end; harmless when called twice. */
  finish(): void {
    if (this.finished) return;
    this.begin();
    this.finished = true;
    this.paint();
  }

  private begin(): void {
    this.finished = false;
    this.meter.start();
    if (this.paintedAt === Number.NEGATIVE_INFINITY) this.paint();
  }

  private advanceTo(done: number): void {
    this.meter.done = done;
    this.saving?.after(done, done === this.meter.total, this.curves);
    if (done === this.meter.total) {
      if (!this.iterating) this.finish();
      return;
    }
    if (this.surroundings.now() - this.paintedAt >= this.pause) this.paint();
  }

  private paint(): void {
    const { now } = this.surroundings;
    const begun = now();
    this.meter.sample();
    const kernel = notebookKernel();
    if (kernel) {
      const bundle = this.bundle();
      if (this.output) this.output.update(bundle);
      else this.output = kernel.display(bundle);
    } else this.print();
    this.paintedAt = now();
    // At most 5 pictures a second, and at most a tenth of the time spent on them.
    this.pause = Math.max(kernel ? 200 : 100, 10 * (this.paintedAt - begun));
  }

  private print(): void {
    const { terminal } = this.surroundings;
    if (terminal.isTTY) {
      terminal.write(`\r${this.statusLine()}\u001b[K${this.finished ? "\n" : ""}`);
      return;
    }
    const tenth = Math.floor(this.meter.fraction * 10);
    if (tenth === this.printedTenth && !this.finished) return;
    this.printedTenth = tenth;
    terminal.write(`${this.statusLine()}\n`);
  }

  /** The run in one line. */
  private statusLine(): string {
    const { done, total, fraction } = this.meter;
    const blocks = Math.round(fraction * 20);
    const bar = `${"█".repeat(blocks)}${"░".repeat(20 - blocks)}`;
    return [
      `${this.title} ${bar} ${done}/${total}`,
      ...this.latest(),
      ...this.times(),
      ...this.circumstances(),
    ].join("  ");
  }

  private latest(): string[] {
    return [...this.curves].map(([name, { y }]) => `${name} ${formatNumber(y[y.length - 1])}`);
  }

  private times(): string[] {
    const { meter, finished } = this;
    const over = finished ? "all" : "lately";
    const speed = meter.speed(over);
    if (speed === 0) return finished ? this.stopped() : [];
    const perStep =
      speed >= 1
        ? `${formatNumber(speed, 3)} ${say({ en: "steps/s", ru: "шагов/с" })}`
        : `${formatNumber(1 / speed, 3)} ${say({ en: "s/step", ru: "с/шаг" })}`;
    const tokens = meter.tokenSpeed(over);
    const elapsed = formatDuration(meter.elapsedSeconds);
    const left = formatDuration(meter.secondsLeft);
    return [
      perStep,
      ...(tokens > 0 ? [`${formatCount(tokens)} ${say({ en: "tokens/s", ru: "токенов/с" })}`] : []),
      say({ en: `${elapsed} elapsed`, ru: `прошло ${elapsed}` }),
      ...(finished ? this.stopped() : [say({ en: `${left} left`, ru: `осталось ${left}` })]),
    ];
  }

  private stopped(): string[] {
    const { done, total } = this.meter;
    return done < total ? [say({ en: "stopped early", ru: "остановлено раньше времени" })] : [];
  }

  /** That the run did not begin here, that it is a short one, and that it cannot be saved. */
  private circumstances(): string[] {
    const [all, from] = [formatCount(this.inFull), formatCount(this.resumedAt)];
    return [
      ...(this.inFull > 0
        ? [say({ en: `short run, of ${all} steps`, ru: `короткий прогон, всего шагов ${all}` })]
        : []),
      ...(this.resumedAt > 0
        ? [say({ en: `resumed after step ${from}`, ru: `продолжено после шага ${from}` })]
        : []),
      ...(this.saving?.trouble ? [this.saving.trouble] : []),
    ];
  }

  /** The first metric that stopped being a number: what a reader must see at once. */
  private trouble(): string {
    for (const [name, { x, y }] of this.curves) {
      const at = y.findIndex((value) => !Number.isFinite(value));
      if (at < 0) continue;
      const value = formatNumber(y[at]);
      return say({
        en: `${name} became ${value} at step ${x[at]}`,
        ru: `${name}: на шаге ${x[at]} стало ${value}`,
      });
    }
    return "";
  }

  private bundle(): MimeBundle {
    const { done, total, fraction } = this.meter;
    const percent = Math.floor(fraction * 100);
    const trouble = this.trouble();
    const facts = [
      say({
        en: `step ${formatCount(done)} of ${formatCount(total)}`,
        ru: `шаг ${formatCount(done)} из ${formatCount(total)}`,
      }),
      ...this.latest(),
      ...this.times(),
      ...this.circumstances(),
    ].join(" · ");
    const color =
      trouble || (this.finished && done < total) ? "#d55e00" : this.finished ? "#009e73" : "#0072b2";
    const header = fragment(
      element("div", { style: "font-weight:bold;margin:4px 0" }, `${this.title}  ${percent}%`),
      element(
        "div",
        { style: "background-color:rgba(128,128,128,0.3);border-radius:4px;max-width:780px;height:8px" },
        element(
          "div",
          { style: `background-color:${color};border-radius:4px;width:${percent}%;height:8px` },
          "",
        ),
      ),
      element("div", { style: "font-size:13px;margin:4px 0;max-width:780px" }, facts),
      trouble
        ? element("div", { style: "font-weight:bold;color:#d55e00;margin:4px 0" }, trouble)
        : fragment(),
    );
    const charts = chartsOf(this.history, 780, this.marks).map((chart) => ({
      markup: this.finished
        ? xyFigure("line", chart).toHtml()
        : imageOf(xySvg(chart), say({ en: "curves so far", ru: "кривые до этого шага" })),
    }));
    const row = element("div", { style: "display:flex;flex-wrap:wrap;gap:4px;max-width:800px" }, ...charts);
    return {
      "text/html": element("div", {}, header, charts.length ? row : fragment()).markup,
      "text/plain": [this.statusLine(), ...(trouble ? [trouble] : [])].join("\n"),
    };
  }
}
