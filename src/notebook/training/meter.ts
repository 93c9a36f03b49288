/** How far a run is, how fast it goes and how long it still takes. */
export class Meter {
  done = 0;
  /** Steps that were done before the clock began. */
  private before = 0;
  tokens = 0;
  private startedAt: number | null = null;
  private readonly samples: { at: number; done: number; tokens: number }[] = [];

  /**
   * @param total the steps of the run
   * @param now the time in milliseconds
   */
  constructor(
    public total: number,
    private readonly now: () => number,
  ) {}

  /** Begin after steps that an earlier run has done. */
  resume(done: number): void {
    this.done = this.before = done;
  }

  start(): void {
    if (this.startedAt !== null) return;
    this.startedAt = this.now();
    this.sample();
  }

  /** Remember where we are; speeds are those of the last ten seconds. */
  sample(): void {
    const at = this.now();
    this.samples.push({ at, done: this.done, tokens: this.tokens });
    while (this.samples.length > 2 && at - this.samples[1].at > 10_000) this.samples.shift();
  }

  get fraction(): number {
    return this.total > 0 ? Math.min(1, this.done / this.total) : 1;
  }

  get elapsedSeconds(): number {
    return this.startedAt === null ? 0 : (this.now() - this.startedAt) / 1000;
  }

  /** Steps per second lately, or over the whole run when it is over. */
  speed(over: "lately" | "all"): number {
    return this.rate(over, ({ done }) => done);
  }

  tokenSpeed(over: "lately" | "all"): number {
    return this.rate(over, ({ tokens }) => tokens);
  }

  get secondsLeft(): number {
    return Math.max(0, this.total - this.done) / this.speed("lately");
  }

  private rate(over: "lately" | "all", count: (sample: { done: number; tokens: number }) => number): number {
    const [oldest] = this.samples;
    const seconds = over === "all" || !oldest ? this.elapsedSeconds : (this.now() - oldest.at) / 1000;
    const before = over === "all" || !oldest ? count({ done: this.before, tokens: 0 }) : count(oldest);
    return seconds > 0 ? (count(this) - before) / seconds : 0;
  }
}
