"use strict";
/** Jupyter's five channels: sockets of zeromq, or one pipe. */
const { createRequire } = require("node:module");
const { Pipe } = require("./pipe.cjs");

const fromTslab = createRequire(createRequire(__filename).resolve("tslab/package.json"));
const zmq = fromTslab("zeromq");

/** A socket of zeromq. @typedef {{ send(frames: (Buffer | string)[]): Promise<void>, close(): void } & AsyncIterable<Buffer[]>} Socket */
/** What Jupyter writes into a connection file. @typedef {{ transport: string, ip: string, key?: string, signature_scheme?: string } & Record<string, any>} Connection */

/**
 * No limit on waiting messages: beyond one, zeromq drops them without a word. Every send is done when it returns.
 * @param {any} socket @param {Connection} connection @param {string} name
 * @returns {Promise<Socket>}
 */
async function bind(socket, connection, name) {
  const { transport, ip, [`${name}_port`]: port } = connection;
  Object.assign(socket, { sendHighWaterMark: 0, sendTimeout: 0, linger: 500 });
  await socket.bind(transport === "ipc" ? `ipc://${ip}-${port}` : `${transport}://${ip}:${port}`);
  return socket;
}

/** The channels of a connection, open. Behind a wall there is no network: there all share a descriptor. @param {Connection} connection */
async function openSockets(connection) {
  const pipe = connection.transport === "pipe" ? new Pipe(connection.descriptor) : null;
  const open = (/** @type {any} */ kind, /** @type {string} */ name) =>
    pipe ? pipe.channel(name) : bind(new kind(), connection, name);
  return {
    iopub: await open(zmq.Publisher, "iopub"),
    shell: await open(zmq.Router, "shell"),
    control: await open(zmq.Router, "control"),
    stdin: await open(zmq.Router, "stdin"),
    heartbeat: await open(zmq.Reply, "hb"),
  };
}

/** Sends back what comes: the sign of life. @param {Socket} heartbeat */
async function echo(heartbeat) {
  for await (const frames of heartbeat) await heartbeat.send(frames);
}

module.exports = { echo, openSockets };
