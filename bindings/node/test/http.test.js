'use strict';
// HTTP: our servers to curl and to Node's clients, our clients to Node's servers; HTTP/1.1, HTTP/2, fetch.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const http = require('node:http');
const http2 = require('node:http2');
const https = require('node:https');
const { test } = require('node:test');
const { promisify } = require('node:util');
const undici = require('undici');
const { tlswrap, pemPath, shows, trusts, listening, readAll, once } = require('./support.js');

const big = Buffer.alloc(1_000_000, 'body ');

/** Says what came: the method, the path, the HTTP version, and the length of the body. */
async function echo(request, response) {
  const body = await readAll(request);
  response.setHeader('x-protocol', String(request.socket.getProtocol()));
  response.end(request.url === '/big' ? big : `${request.method} ${request.url} ${request.httpVersion} ${body.length}`);
}

async function curl(...args) {
  const { stdout } = await promisify(execFile)('curl', ['-sS', '--max-time', '20', '--cacert', pemPath('root'), ...args], { maxBuffer: 1 << 24 });
  return stdout;
}

test('our HTTPS server answers curl', async (t) => {
  const port = await listening(t, tlswrap.createHttpsServer(shows('localhost'), echo));
  assert.equal(await curl(`https://localhost:${port}/here`), 'GET /here 1.1 0');
  assert.equal(await curl('--tls-max', '1.2', '-d', 'x'.repeat(100_000), `https://localhost:${port}/post`), 'POST /post 1.1 100000');
  // Two requests on one connection, and a body that does not fit into one write.
  assert.equal(await curl(`https://localhost:${port}/a`, `https://localhost:${port}/big`), `GET /a 1.1 0${big}`);
});

test('our HTTP/2 server answers curl, and HTTP/1.1 where that is allowed', async (t) => {
  const port = await listening(t, tlswrap.createHttp2Server({ ...shows('localhost'), allowHTTP1: true }, (request, response) =>
    response.end(`${request.url} ${request.httpVersion}`)));
  assert.equal(await curl('--http2', `https://localhost:${port}/two`), '/two 2.0');
  assert.equal(await curl('--http1.1', `https://localhost:${port}/one`), '/one 1.1');
});

/** An https.request, its answer read to the end. */
function request(options, body) {
  return new Promise((resolve, reject) => {
    const sent = https.request(options, async (response) => {
      try {
        resolve({ response, socket: sent.socket, text: (await readAll(response)).toString() });
      } catch (error) {
        reject(error);
      }
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

test('https.request through our Agent: verified, kept alive, resumed', async (t) => {
  const server = https.createServer(shows('localhost'), (req, res) => res.end(`reused ${req.socket.isSessionReused()}`));
  const port = await listening(t, server);
  const agent = new tlswrap.Agent({ keepAlive: true, maxSockets: 1, ...trusts() });
  t.after(() => agent.destroy());
  const options = { port, host: 'localhost', agent };
  const first = await request(options);
  assert.ok(first.socket instanceof tlswrap.TLSSocket);
  assert.equal(first.socket.authorized, true);
  assert.equal(first.socket.getPeerChain({ which: 'verified' }).length, 3);
  assert.equal(first.text, 'reused false');
  const second = await request(options);
  assert.equal(second.socket, first.socket);
  first.socket.destroy();
  await new Promise((done) => first.socket.once('close', done));
  assert.equal((await request(options)).text, 'reused true');
});

test('https.request through our Agent refuses a stranger', async (t) => {
  const port = await listening(t, https.createServer(shows('untrusted'), () => assert.fail('it was asked')));
  const agent = new tlswrap.Agent(trusts());
  await assert.rejects(request({ port, host: 'localhost', agent }), { code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' });
});

test('https.request through our Agent to our server', async (t) => {
  const port = await listening(t, tlswrap.createHttpsServer(shows('localhost'), echo));
  const agent = new tlswrap.Agent(trusts());
  t.after(() => agent.destroy());
  const { response, text } = await request({ port, host: 'localhost', method: 'PUT', path: '/x', agent }, big);
  assert.equal(text, `PUT /x 1.1 ${big.length}`);
  assert.equal(response.headers['x-protocol'], 'TLSv1.3');
});

for (const [who, create] of [['node:https', https.createServer], ['ours', tlswrap.createHttpsServer]])
  test(`undici's fetch through our connector, to ${who}`, async (t) => {
    const port = await listening(t, create(shows('localhost'), echo));
    const dispatcher = new undici.Agent({ connect: tlswrap.connector(trusts()) });
    t.after(() => dispatcher.close());
    const answer = await undici.fetch(`https://localhost:${port}/fetched`, { dispatcher, method: 'POST', body: big });
    assert.equal(await answer.text(), `POST /fetched 1.1 ${big.length}`);
    assert.equal((await (await undici.fetch(`https://localhost:${port}/big`, { dispatcher })).arrayBuffer()).byteLength, big.length);
    const strangers = new undici.Agent({ connect: tlswrap.connector(trusts('untrusted-root')) });
    t.after(() => strangers.close());
    await assert.rejects(undici.fetch(`https://localhost:${port}/`, { dispatcher: strangers }), (error) =>
      error.cause.code === 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY');
  });

for (const [client, connectHttp2] of [['node:http2', http2.connect], ['ours', tlswrap.connectHttp2]])
  for (const [server, create] of [['node:http2', http2.createSecureServer], ['ours', tlswrap.createHttp2Server]])
    test(`HTTP/2: ${client} to ${server}`, async (t) => {
      const port = await listening(t, create(shows('localhost'), echoHttp2));
      const session = connectHttp2(`https://localhost:${port}`, trusts());
      t.after(() => session.destroy());
      const answers = await Promise.all(Array.from({ length: 5 }, async (_, at) => {
        const stream = session.request({ ':path': `/${at}`, ':method': 'POST' });
        stream.end(big);
        return (await readAll(stream)).toString();
      }));
      answers.forEach((answer, at) => assert.equal(answer, `POST /${at} 2.0 ${big.length}`));
    });

async function echoHttp2(request, response) {
  const body = await readAll(request);
  response.end(`${request.method} ${request.url} ${request.httpVersion} ${body.length}`);
}

test('an HTTPS server tells of clients that are none', async (t) => {
  const server = tlswrap.createHttpsServer(shows('localhost'), () => assert.fail('it was asked'));
  const port = await listening(t, server);
  const told = once(server, 'tlsClientError');
  const plain = require('node:net').connect(port, '127.0.0.1');
  t.after(() => plain.destroy());
  plain.on('error', () => {});
  plain.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [error] = await told;
  assert.equal(error.code, 'ERR_SSL_HTTP_REQUEST');
});

for (const [who, create] of [['node:http2', http2.createSecureServer], ['ours', tlswrap.createHttp2Server]]) {
  test(`${who}: allowHTTP1: listeners that are added later serve HTTP/1.1 too`, async (t) => {
    class Request extends http.IncomingMessage {
      get mine() {
        return 'mine';
      }
    }
    const server = create({ ...shows('localhost'), allowHTTP1: true, Http1IncomingMessage: Request });
    const port = await listening(t, server);
    server.on('request', (request, response) => response.end(`${request.httpVersion} ${request.mine}`));
    assert.equal(await curl('--http1.1', `https://localhost:${port}/`), '1.1 mine');
    assert.equal(await curl('--http2', `https://localhost:${port}/`), '2.0 undefined');
    server.on('upgrade', (request, socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'));
    server.on('checkContinue', (request, response) => response.writeHead(417).end());
    const options = { port, host: 'localhost', agent: false, ...trusts() };
    const upgraded = https.get({ ...options, headers: { connection: 'Upgrade', upgrade: 'x' } });
    const [answer, socket] = await once(upgraded, 'upgrade');
    assert.equal(answer.statusCode, 101);
    socket.destroy();
    const [refused] = await once(https.get({ ...options, headers: { expect: '100-continue' } }), 'response');
    assert.equal(refused.statusCode, 417);
    refused.resume();
  });

  test(`${who}: allowHTTP1: a server that closes does not wait for idle connections`, async (t) => {
    let served;
    const idle = new Promise((done) => (served = done));
    const server = create({ ...shows('localhost'), allowHTTP1: true }, (request, response) => response.once('close', served).end());
    const port = await listening(t, server);
    const agent = new https.Agent({ keepAlive: true, ...trusts() });
    t.after(() => agent.destroy());
    const { socket } = await request({ port, host: 'localhost', agent });
    await idle;
    // Its own time for an idle connection is five seconds.
    socket.ref();
    const closed = once(socket, 'close');
    server.close();
    await closed;
  });
}

/** What programs ask of a request's or a session's socket. */
function peerFacts(socket) {
  return {
    addresses: [socket.remoteAddress, typeof socket.remotePort, socket.localAddress],
    encrypted: socket.encrypted,
    authorized: socket.authorized,
    peer: socket.getPeerCertificate().subject.CN,
    protocol: socket.getProtocol(),
    alpnProtocol: socket.alpnProtocol,
    servername: socket.servername,
  };
}

for (const [client, connectHttp2] of [['node:http2', http2.connect], ['ours', tlswrap.connectHttp2]])
  for (const [server, create] of [['node:http2', http2.createSecureServer], ['ours', tlswrap.createHttp2Server]])
    test(`HTTP/2: ${client} to ${server}: both know who the peer is`, async (t) => {
      const seen = [];
      const serving = create({ ...shows('localhost'), ...trusts(), requestCert: true }, (request, response) => {
        const { session } = request.stream;
        seen.push(peerFacts(request.socket), peerFacts(session.socket), session.encrypted, session.alpnProtocol);
        response.end();
      });
      const port = await listening(t, serving);
      const session = connectHttp2(`https://localhost:${port}`, { ...trusts(), ...shows('client'), family: 4 });
      t.after(() => session.destroy());
      await once(session, 'connect');
      const common = { encrypted: true, authorized: true, protocol: 'TLSv1.3', alpnProtocol: 'h2', servername: 'localhost' };
      const addresses = session.socket.remoteFamily === 'IPv6' ? ['::1', 'number', '::1'] : ['127.0.0.1', 'number', '127.0.0.1'];
      assert.deepEqual(peerFacts(session.socket), { ...common, addresses, peer: 'localhost' });
      assert.deepEqual([session.encrypted, session.alpnProtocol, session.originSet], [true, 'h2', [`https://localhost:${port}`]]);
      await readAll(session.request({ ':path': '/' }));
      const told = { ...common, addresses, peer: 'tlswrap test client' };
      assert.deepEqual(seen, [told, told, true, 'h2']);
    });

test('HTTP/2: a server that is refused is an error of the session', async (t) => {
  const port = await listening(t, http2.createSecureServer(shows('untrusted')));
  const session = tlswrap.connectHttp2(`https://localhost:${port}`, trusts());
  const [error] = await once(session, 'error');
  assert.equal(error.code, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY');
});

test('an Agent refuses what has no effect', () => {
  for (const option of ['proxyEnv', 'pfx', 'sigalgs'])
    assert.throws(() => new tlswrap.Agent({ [option]: {} }), { code: 'ERR_TLSW_UNSUPPORTED' }, option);
});
