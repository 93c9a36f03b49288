const isPresent = <T>(x: T | undefined): x is T => x !== undefined;

/** The members of a list that are there: for operations with optional inputs. */
export const present = <T>(...list: (T | undefined)[]): T[] => list.filter(isPresent);
