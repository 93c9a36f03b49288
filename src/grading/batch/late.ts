import { refusal } from "../../tensor";

/** What handing in late costs: for every hour or day that has begun, a share of what was earned. */
export interface LatePolicy {
  readonly due: Date;
  /** 0.1 for 10 %. */
  readonly share: number;
  /** In milliseconds. */
  readonly per: number;
}

const UNITS = { minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 };

/**
 * @param due a date, `2026-11-30` (its end) or `2026-11-30T18:00`, in this machine's time zone unless it names one
 * @param late `10%/day`; null: lateness is told, and costs nothing
 */
export function latePolicy(due: string, late: string | null): LatePolicy {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(due);
  const date = new Date(isDay ? `${due}T23:59:59` : due);
  if (Number.isNaN(date.getTime()))
    throw refusal("--due", `expected a date such as 2026-11-30 or 2026-11-30T18:00, got ${due}`);
  const found = /^\s*(\d+(?:\.\d+)?)\s*%\s*(?:\/|per)\s*(minute|hour|day|week)\s*$/.exec(late ?? "0%/day");
  if (!found) throw refusal("--late", `expected a share and a time such as 10%/day, got ${late}`);
  return { due: date, share: Number(found[1]) / 100, per: UNITS[found[2] as keyof typeof UNITS] };
}

/** Points that are taken off. */
export function penaltyOf(earned: number, time: string, policy: LatePolicy | null): number {
  const late = policy ? new Date(time).getTime() - policy.due.getTime() : 0;
  if (!policy || !(late > 0)) return 0;
  const share = Math.min(1, policy.share * Math.ceil(late / policy.per));
  return Math.round(earned * share * 100) / 100;
}
