/** How far a batch is, and how long it may still take. */

export class Clock {
  start = performance.now();
  told = 0;
  isTerminal = Boolean(process.stdout.isTTY);

  /** @param {number} done @param {number} all */
  tell(done, all) {
    const now = performance.now();
    // A log gets a line every ten seconds, a terminal one line that changes.
    if (!this.isTerminal && now - this.told < 10_000 && done < all) return;
    this.told = now;
    const passed = (now - this.start) / 1000;
    const left = done < all ? `, about ${inTime((passed / done) * (all - done))} left` : "";
    const line = `  ${String(done).padStart(String(all).length)} of ${all} submissions, ${inTime(passed)}${left}`;
    if (this.isTerminal) process.stdout.write(`\r\u001b[K${line}`);
    else console.log(line);
  }

  /** @param {number} count */
  end(count) {
    const passed = (performance.now() - this.start) / 1000;
    if (this.isTerminal) process.stdout.write("\r\u001b[K");
    const rate = count > 1 ? `, ${((60 * count) / passed).toFixed(0)} a minute` : "";
    console.log(`  ${count} submission${count === 1 ? "" : "s"} in ${inTime(passed)}${rate}`);
  }
}

/** `47 s`, `3 min 20 s`, `1 h 12 min`. @param {number} seconds */
export function inTime(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
