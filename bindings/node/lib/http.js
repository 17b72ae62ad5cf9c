'use strict';
// Where Node's HTTP takes connections from elsewhere: https.request's Agent, undici's connector,
// and servers of HTTP/1.1 and HTTP/2, whose own handlers get the secure sockets.

const http = require('node:http');
const http2 = require('node:http2');
const https = require('node:https');
const net = require('node:net');
const { bridgeTo } = require('./bridge.js');
const { connect } = require('./connect.js');
const { coded } = require('./errors.js');
const { identityOf } = require('./identity.js');
const { refuseUnsupported } = require('./options.js');
const { secure } = require('./server.js');

/** Sessions by the name of what they were made with; of many, the oldest go. */
class Sessions {
  #limit;
  #kept = new Map();

  constructor(limit) {
    this.#limit = limit;
  }

  /** The options for a connection that resumes, if there is a session of that name. */
  for(name) {
    const session = this.#kept.get(name);
    return session === undefined ? {} : { session };
  }

  /** Keeps the sessions of a connection; where it failed, the one it resumed may be why. */
  watch(name, socket) {
    if (this.#limit === 0) return;
    socket.on('session', (session) => {
      this.#kept.delete(name);
      this.#kept.set(name, session);
      if (this.#kept.size > this.#limit) this.#kept.delete(this.#kept.keys().next().value);
    });
    socket.once('close', (failed) => {
      if (failed) this.#kept.delete(name);
    });
  }
}

/** For https.request, in the place of https.Agent. */
class Agent extends https.Agent {
  #sessions;

  constructor(options) {
    refuseUnsupported(options ?? {});
    super(options);
    this.#sessions = new Sessions(this.maxCachedSessions);
  }

  /**
   * Names what a request needs, for requests of one name share connections and sessions: what
   * Node's HTTP tells apart, and all that TLS does.
   */
  getName(options = {}) {
    return `${http.Agent.prototype.getName.call(this, options)}:${identityOf(options)}`;
  }

  createConnection(options) {
    const name = this.getName(options);
    const socket = connect({
      ALPNProtocols: ['http/1.1'],
      ...this.#sessions.for(name),
      ...options,
    });
    this.#sessions.watch(name, socket);
    if (this.listenerCount('keylog') > 0)
      socket.on('keylog', (line) => this.emit('keylog', line, socket));
    return socket;
  }
}

/**
 * For undici: new undici.Agent({ connect: connector(options) }), which fetch takes as its
 * dispatcher.
 */
function connector({
  allowH2 = false,
  timeout = 10_000,
  maxCachedSessions = 100,
  ...options
} = {}) {
  const sessions = new Sessions(maxCachedSessions);
  return ({ hostname, protocol, port, servername, localAddress, httpSocket }, callback) => {
    const isSecure = protocol === 'https:';
    const host = hostname.replace(/^\[|\]$/g, '');
    const name = `${host}:${port}:${servername ?? ''}`;
    const common = { ...options, host, port: port || (isSecure ? 443 : 80), localAddress };
    const socket = isSecure
      ? connect({
          ...common,
          ...sessions.for(name),
          servername: servername || options.servername,
          socket: httpSocket,
          ALPNProtocols: allowH2 ? ['h2', 'http/1.1'] : ['http/1.1'],
        })
      : net.connect(common);
    if (isSecure) sessions.watch(name, socket);
    const timer = setTimeout(
      () =>
        socket.destroy(
          coded('UND_ERR_CONNECT_TIMEOUT', `no connection to ${host} within ${timeout} ms`),
        ),
      timeout,
    );
    const done = (error) => {
      clearTimeout(timer);
      const tell = callback;
      callback = null;
      tell?.(error ?? null, error ? undefined : socket);
    };
    socket.once(isSecure ? 'secureConnect' : 'connect', () => done()).once('error', done);
    return socket;
  };
}

// ---- Servers ----

/**
 * What a server of Node's does with a plain connection; it is taken away from it, for secure ones
 * only.
 */
function takeHandler(server) {
  const [serve] = server.listeners('connection');
  server.removeListener('connection', serve);
  return serve.bind(server);
}

/** An http.Server behind TLS, as https.createServer. */
function createHttpsServer(options, handler) {
  const server = http.createServer(options, handler);
  secure(server, { ALPNProtocols: ['http/1.1'], ...options }, takeHandler(server));
  server.on('tlsClientError', (error, socket) => {
    if (!server.emit('clientError', error, socket)) socket.destroy(error);
  });
  return server;
}

/** What an http.Server emits to the program. */
const TOLD_OF_HTTP1 = [
  'request',
  'upgrade',
  'connect',
  'checkContinue',
  'checkExpectation',
  'clientError',
  'dropRequest',
  'timeout',
];

/**
 * Makes what serves HTTP/1.1 behind an HTTP/2 server: an http.Server that listens nowhere, and has
 * the program's listeners on `server` for its own.
 */
function behind(server, { Http1IncomingMessage, Http1ServerResponse, ...options }) {
  const older = http.createServer({
    ...options,
    IncomingMessage: Http1IncomingMessage,
    ServerResponse: Http1ServerResponse,
  });
  const { emit, listenerCount } = older;
  older.emit = (event, ...args) =>
    TOLD_OF_HTTP1.includes(event) ? server.emit(event, ...args) : emit.call(older, event, ...args);
  older.listenerCount = (event, ...args) =>
    TOLD_OF_HTTP1.includes(event)
      ? server.listenerCount(event, ...args)
      : listenerCount.call(older, event, ...args);
  // It begins to look for requests that take too long when it listens; idle connections end with
  // the server.
  server.on('listening', () => older.emit('listening'));
  const { close } = server;
  server.close = (...args) => {
    older.close();
    return close.apply(server, args);
  };
  return older;
}

/** An HTTP/2 server behind TLS, as http2.createSecureServer; with `allowHTTP1` for HTTP/1.1 too. */
function createHttp2Server({ allowHTTP1 = false, ...options }, handler) {
  const server = http2.createServer(options, handler);
  const serve = takeHandler(server);
  const older = allowHTTP1 ? behind(server, options) : null;
  return secure(
    server,
    { ALPNProtocols: allowHTTP1 ? ['h2', 'http/1.1'] : ['h2'], ...options },
    (socket) => {
      if (older !== null && socket.alpnProtocol !== 'h2') older.emit('connection', socket);
      else serve(bridgeTo(socket));
    },
  );
}

/** An HTTP/2 client, as http2.connect. */
function connectHttp2(authority, options = {}, listener) {
  const { hostname, port } = new URL(authority);
  const host = hostname.replace(/^\[|\]$/g, '');
  const servername = net.isIP(host) ? undefined : host;
  const own = { ALPNProtocols: ['h2'], host, port: Number(port || 443), servername };
  const createConnection = () => bridgeTo(connect({ ...own, ...options }));
  return http2.connect(authority, { ...options, createConnection }, listener);
}

module.exports = { Agent, connector, createHttpsServer, createHttp2Server, connectHttp2 };
