'use strict';
// Worker threads: each with connections of its own, at the same time, ended in the middle of things.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
const { tlswrap, shows, trusts, listening, once } = require('./support.js');

/** In a worker: connects so many times, one after another, and has its words said back. */
async function talk({ port, rounds }) {
  const secureContext = tlswrap.createSecureContext(trusts());
  for (let round = 0; round < rounds; round++) {
    const socket = tlswrap.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext });
    const words = Buffer.alloc(1 + (round % 5) * 20_000, `${round}`);
    socket.end(words);
    let back = 0;
    for await (const part of socket) back += part.length;
    assert.equal(back, words.length);
    parentPort.postMessage(round);
  }
}

if (!isMainThread) talk(workerData);
else {
  const start = (workerData) => new Worker(__filename, { workerData, env: { ...process.env, TLSWRAP_TEST_PKI: require('./support.js').directory } });
  const echoing = () => tlswrap.createServer({ ...shows('localhost'), allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });

  test('workers and the main thread at the same time', async (t) => {
    const server = echoing();
    server.on('tlsClientError', () => {});
    const port = await listening(t, server);
    const workers = Array.from({ length: 4 }, () => start({ port, rounds: 20 }));
    const ended = workers.map(async (worker) => {
      let rounds = 0;
      worker.on('message', () => rounds++);
      const [code] = await once(worker, 'exit');
      assert.deepEqual([code, rounds], [0, 20]);
    });
    await Promise.all(ended);
  });

  test('a worker that is ended in the middle takes nothing else with it', async (t) => {
    const server = echoing();
    server.on('tlsClientError', () => {});
    const port = await listening(t, server);
    for (let at = 0; at < 5; at++) {
      const worker = start({ port, rounds: 1000 });
      await once(worker, 'message');
      await worker.terminate();
    }
    const socket = tlswrap.connect({ port, host: '127.0.0.1', servername: 'localhost', ...trusts() });
    t.after(() => socket.destroy());
    socket.write('still here');
    assert.equal((await once(socket, 'data'))[0].toString(), 'still here');
  });
}
