/** What students and language models hand in: wrong solutions with what they must be told, and right ones. */
export interface Attempts {
  /** `told`: part of what the first failing check says, its cause included. */
  readonly wrong: readonly { readonly name: string; readonly fn: unknown; readonly told: RegExp }[];
  readonly right: readonly { readonly name: string; readonly fn: unknown }[];
}
