/** This machine cannot run a device; the message says why. Other errors of its making are mistakes to be mended. */
export class Unavailable extends Error {}
