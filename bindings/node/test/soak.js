'use strict';
// Run by soak.test.js in a process of its own: small messages over one connection, then connections one after another,
// and how much memory that has left behind.

const { tlswrap, shows, trusts, once } = require('./support.js');

const [, , what, count] = process.argv;
const BATCH = 100;

function memory() {
  global.gc();
  global.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

async function open(port, secureContext) {
  const socket = tlswrap.connect({ port, host: '127.0.0.1', servername: 'localhost', secureContext, noDelay: true });
  await once(socket, 'secureConnect');
  return socket;
}

/** Messages of 32 bytes, sent back one by one; a hundred are under way at once. */
async function messages(port, secureContext, wanted) {
  const socket = await open(port, secureContext);
  const message = Buffer.alloc(32, 'm');
  let bytes = 0;
  let done;
  socket.on('data', (data) => {
    bytes += data.length;
    if (bytes === BATCH * message.length) {
      bytes = 0;
      done();
    }
  });
  for (let sent = 0; sent < wanted; sent += BATCH) {
    const answered = new Promise((resolve) => (done = resolve));
    for (let at = 0; at < BATCH; at++) socket.write(message);
    await answered;
  }
  socket.destroy();
}

async function connections(port, secureContext, wanted) {
  for (let at = 0; at < wanted; at++) {
    const socket = await open(port, secureContext);
    socket.end('once');
    socket.resume();
    await once(socket, 'close');
    // What is freed by the collector is freed between turns of the event loop.
    if (at % 50 === 0) await new Promise(setImmediate);
  }
}

(async () => {
  const server = tlswrap.createServer({ ...shows('localhost'), noDelay: true }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      for (let at = 0; at < data.length; at += 32) socket.write(data.subarray(at, at + 32));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const secureContext = tlswrap.createSecureContext(trusts());
  const work = { messages, connections }[what];
  const wanted = Number(count);
  // Until the allocator and the compiler have settled.
  await work(port, secureContext, wanted / 4);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const before = memory();
  await work(port, secureContext, wanted);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const after = memory();
  server.close();
  console.log(JSON.stringify({ wanted, heap: after.heap - before.heap, rss: after.rss - before.rss }));
})();
