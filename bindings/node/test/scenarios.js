'use strict';
// scenarios.js TABLE DIR: makes every connection of the table with what a Node program has, and prints what it observes,
// as ../../../tests/conformance/README.md says.

const fs = require('node:fs');
const path = require('node:path');
const { tlswrap, duplexPair } = require('./support.js');

const { TLSSocket, createSecureContext } = tlswrap;
const [, , table, directory] = process.argv;
const HELLO = { client: 'hello from the client', server: 'hello from the server' };

const file = (name) => path.join(directory, name);

function settingsOf(text) {
  const settings = { client: {}, server: {} };
  for (const word of text.split(' ')) {
    const at = word.indexOf('=');
    const [side, key] = word.slice(0, at).split('.');
    if (key) settings[side][key] = word.slice(at + 1);
    else settings[side] = word.slice(at + 1);
  }
  return settings;
}

/** The options of one side, as a Node program would give them. */
function optionsOf({ cert, sni, ca, verify, name, min, max, alpn, groups, ciphers }) {
  const context = (cert) => createSecureContext({
    ...(cert && { cert: fs.readFileSync(file(`${cert}.chain.pem`)), key: fs.readFileSync(file(`${cert}.key.pem`)) }),
    ...(ca && { caFile: file(ca) }),
    ...(min && { minVersion: `TLSv${min}` }),
    ...(max && { maxVersion: `TLSv${max}` }),
    ...(groups && { ecdhCurve: groups }),
    // A list of TLS 1.2's suites alone would turn TLS 1.3 off, as in node:tls.
    ...(ciphers && { ciphers: `TLS_AES_128_GCM_SHA256:${ciphers}` }),
  });
  const [asked, other] = sni?.split(':') ?? [];
  return {
    secureContext: context(cert),
    ...(sni && { SNICallback: (name, answer) => answer(null, name === asked ? context(other) : null) }),
    allowHalfOpen: true,
    ...(name && { servername: name }),
    ...(verify && { requestCert: verify !== 'none', rejectUnauthorized: verify === 'required' }),
    ...(alpn && { ALPNProtocols: alpn.split(',') }),
  };
}

class End {
  constructor(side, transport, options) {
    this.side = side;
    this.transport = transport;
    this.socket = new TLSSocket(transport, { ...options, isServer: side === 'server' });
    this.handshake = null;
    this.talk = null;
    this.text = '';
    this.end = null;
    this.waiting = [];
    this.socket.once('secure', () => this.now({ handshake: { status: 'TLSW_OK' } }));
    this.socket.on('data', (data) => this.now({ text: this.text + data }));
    this.socket.on('end', () => this.now({ end: this.socket.closeNotify ? 'TLSW_CLOSED' : 'TLSW_ERR_EOF' }));
    this.socket.on('error', (error) => {
      if (error.status === undefined) throw error;
      this.now(this.handshake === null ? { handshake: error } : { talk: error });
    });
  }

  /** Something was observed. */
  now(seen) {
    Object.assign(this, seen);
    for (const look of [...this.waiting]) look();
  }

  /** Until `done`. */
  until(done) {
    return new Promise((resolve) => {
      const look = () => {
        if (!done()) return;
        this.waiting = this.waiting.filter((one) => one !== look);
        resolve();
      };
      this.waiting.push(look);
      look();
    });
  }

  async hears(text) {
    await this.until(() => this.talk !== null || this.text.length >= text.length);
    if (this.talk !== null) return;
    if (this.text !== text) throw new Error(`${this.text} was read, not ${text}`);
    this.talk = { status: 'TLSW_OK' };
  }
}

const isOk = (step) => step?.status === 'TLSW_OK';

async function connection(options, session) {
  const [one, other] = duplexPair();
  const client = new End('client', one, { ...options.client, session });
  const server = new End('server', other, options.server);
  await Promise.all([client, server].map((end) => end.until(() => end.handshake !== null)));
  const steps = [];
  if (isOk(server.handshake)) server.socket.write(HELLO.server), steps.push(server.hears(HELLO.client));
  if (isOk(client.handshake)) {
    await client.hears(HELLO.server);
    if (isOk(client.talk)) client.socket.write(HELLO.client);
  }
  await Promise.all(isOk(client.talk) ? steps : []);
  return { client, server };
}

async function part({ client, server }) {
  if (!isOk(client.talk) || !isOk(server.talk)) return;
  client.socket.end();
  await server.until(() => server.end !== null);
  server.transport.end();
  await client.until(() => client.end !== null);
}

// ---- What is printed ----

function* failure(step, error) {
  yield [`${step}.reason`, error.reason];
  if (step === 'handshake') {
    yield [`${step}.verify_error`, error.verifyError ?? 0];
    yield [`${step}.verify_depth`, error.verifyDepth ?? -1];
  }
  yield [`${step}.alert`, error.alert ?? -1];
  yield [`${step}.message`, error.message];
}

function* facts({ socket, handshake, talk, end }) {
  yield ['handshake', handshake.status];
  if (!isOk(handshake)) yield* failure('handshake', handshake);
  else {
    yield ['talk', talk.status];
    if (!isOk(talk)) yield* failure('talk', talk);
  }
  if (end !== null) yield ['end', end];
  yield ['version', socket.getProtocol()];
  yield ['cipher', socket.getCipher().name];
  yield ['group', socket.getGroup()];
  yield ['alpn', socket.alpnProtocol || null];
  yield ['resumed', Number(socket.isSessionReused())];
  yield ['sent', socket.getPeerChain({ which: 'sent' }).length];
  yield ['verified', socket.getPeerChain({ which: 'verified' }).length];
  yield ['report', socket.getReport()];
}

function asked(question) {
  try {
    return question() ?? null;
  } catch (error) {
    return error.status;
  }
}

function* secrets({ client, server }) {
  const questions = Object.fromEntries(['tls-unique', 'tls-server-end-point', 'tls-exporter'].map((type) => [type, (socket) => socket.getChannelBinding(type)]));
  questions.exported = (socket) => socket.exportKeyingMaterial(32, 'EXPORTER-tlswrap-scenarios');
  for (const [key, question] of Object.entries(questions)) {
    const [one, other] = [client, server].map((end) => asked(() => question(end.socket)));
    yield [key, Buffer.isBuffer(one) ? (one.equals(other) ? 'equal' : 'differ') : one];
  }
}

async function run(name, text) {
  const settings = settingsOf(text);
  const options = { client: optionsOf(settings.client), server: optionsOf(settings.server) };
  let session;
  if (settings.resume) session = (await connection(options)).client.socket.getSession();
  const ends = await connection(options, session);
  await part(ends);
  const lines = [];
  for (const side of ['client', 'server']) for (const [key, value] of facts(ends[side])) lines.push([`${side}.${key}`, value]);
  if (isOk(ends.client.handshake) && isOk(ends.server.handshake)) lines.push(...secrets(ends));
  for (const [key, value] of lines) process.stdout.write(`${name}\t${key}\t${value === null || value === undefined || value === '' ? '-' : value}\n`);
  for (const { socket } of Object.values(ends)) socket.destroy();
}

(async () => {
  for (const line of fs.readFileSync(table, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [name, settings] = line.split('\t');
    await run(name, settings);
  }
})();
