"use strict";
/** Jupyter's messages as frames on a socket: https://jupyter-client.readthedocs.io/en/latest/messaging.html */
const { createHmac, randomUUID, timingSafeEqual } = require("node:crypto");

const delimiter = "<IDS|MSG>";

/** What was read. @typedef {{ identities: Buffer[], header: { msg_type: string } & Record<string, unknown>, content: Record<string, any> }} Read */

class Wire {
  /** @param {{ key?: string, signature_scheme?: string }} connection */
  constructor({ key, signature_scheme: scheme = "hmac-sha256" }) {
    this.key = key;
    this.hash = scheme.replace(/^hmac-/, "");
    this.session = randomUUID();
  }

  /** `{ identities, header, content }`; throws in words if the frames are no signed message. @param {Buffer[]} frames @returns {Read} */
  read(frames) {
    const start = frames.findIndex((frame) => frame.toString() === delimiter);
    if (start < 0) throw new Error("a message without its delimiter");
    const [signature, ...parts] = frames.slice(start + 1);
    if (parts.length < 4) throw new Error(`a message of ${parts.length} parts in place of 4`);
    const wanted = Buffer.from(this.sign(parts.slice(0, 4)));
    if (wanted.length !== signature.length || !timingSafeEqual(wanted, signature))
      throw new Error("a message with a wrong signature");
    const [header, , , content] = parts.slice(0, 4).map((part) => JSON.parse(part.toString()));
    if (typeof header?.msg_type !== "string" || typeof content !== "object" || content === null)
      throw new Error("a message without a type or content");
    return { identities: frames.slice(0, start), header, content };
  }

  /**
   * Frames of a message that answers `parent`. `content` is an object or its JSON.
   * @param {string} type
   * @param {{ header: object } | null | undefined} parent
   * @param {object | string} content
   * @param {readonly (Buffer | string)[]} identities
   * @returns {(Buffer | string)[]}
   */
  write(type, parent, content, identities = []) {
    const header = {
      ...{ msg_id: randomUUID(), msg_type: type, session: this.session, username: "kernel" },
      ...{ date: new Date().toISOString(), version: "5.3" },
    };
    const text = typeof content === "string" ? content : JSON.stringify(content);
    const parts = [JSON.stringify(header), JSON.stringify(parent?.header ?? {}), "{}", text];
    return [...identities, delimiter, this.sign(parts), ...parts];
  }

  /** @param {readonly (Buffer | string)[]} parts */
  sign(parts) {
    if (!this.key) return "";
    const hmac = createHmac(this.hash, this.key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }
}

module.exports = { Wire };
