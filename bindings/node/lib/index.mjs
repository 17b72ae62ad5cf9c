import tlswrap from './index.js';

export default tlswrap;
export const {
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
} = tlswrap;
