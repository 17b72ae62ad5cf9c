'use strict';

const { X509Certificate } = require('node:crypto');
const { native, load } = require('./native.js');
const { TLSError } = require('./errors.js');
const { SecureContext, createSecureContext } = require('./context.js');
const { TLSSocket } = require('./socket.js');
const { connect } = require('./connect.js');
const { Server, createServer } = require('./server.js');
const { Agent, connector, createHttpsServer, createHttp2Server, connectHttp2 } = require('./http.js');

/** The versions of libtlswrap, and of what does its cryptography. */
function version() {
  load();
  return { tlswrap: native.version(), backend: native.backendVersion() };
}

module.exports = {
  load,
  version,
  connect,
  createServer,
  createSecureContext,
  Server,
  SecureContext,
  TLSSocket,
  TLSError,
  X509Certificate,
  Agent,
  connector,
  createHttpsServer,
  createHttp2Server,
  connectHttp2,
};
