// Compiled, not run: the declarations say what the package has, and refuse what it has not.
import * as https from 'node:https';
import * as http2 from 'node:http2';
import tlswrap = require('tlswrap');
import { Agent, connect, connector, createHttpsServer, createHttp2Server, createSecureContext, createServer, TLSError, TLSSocket, X509Certificate } from 'tlswrap';

const where: string = tlswrap.load({ library: '/usr/lib/libtlswrap.so' });
const secureContext = createSecureContext({ ca: ['PEM', Buffer.alloc(0)], minVersion: 'TLSv1.2', key: [{ pem: 'PEM', passphrase: 'x' }] });

const socket: TLSSocket = connect({ host: 'localhost', port: 443, secureContext, ALPNProtocols: ['h2'], timeout: 1000 }, () => {
  const chain: X509Certificate[] = socket.getPeerChain({ which: 'verified' });
  const ders: Buffer[] = socket.getPeerChain({ which: 'sent', as: 'der' });
  const names: [string, string][] | undefined = socket.getPeerChain({ as: 'decoded' })[0].subjectAltName;
  const issuer = socket.getPeerCertificate(true).issuerCertificate.subject.CN;
  const protocol: string | null = socket.getProtocol();
  const group: string | null = socket.getGroup();
  const bytes: Buffer = socket.exportKeyingMaterial(32, 'EXPORTER-x', Buffer.alloc(0));
  console.log(where, chain, ders, names, issuer, protocol, group, bytes);
});
socket.on('session', (session) => connect(443, 'localhost', { session }));
socket.on('keylog', (line) => process.stderr.write(line));
socket.on('error', (error) => {
  if (error instanceof TLSError) console.log(error.status, error.code, error.verifyDepth, error.alert);
});
socket.pipe(process.stdout);

const server = createServer({ secureContext, requestCert: true, SNICallback: (name, answer) => answer(null, name ? secureContext : null) }, (client) => {
  client.end(client.servername || 'nobody');
});
server.on('tlsClientError', (error, client) => console.log(error.code, client.remoteAddress));
server.addContext('*.example', { key: 'PEM', cert: 'PEM' });
server.listen(0);

connect({ port: 443, ciphers: 'PSK', pskCallback: (hint) => (hint === null ? null : { psk: Buffer.alloc(32), identity: hint.trim() }) });
createServer({ ciphers: 'PSK', pskIdentityHint: 'me', pskCallback: (client, identity) => (client.authorized ? null : new DataView(Buffer.from(identity).buffer)) });
// @ts-expect-error: without an identity
connect({ port: 443, pskCallback: () => ({ psk: Buffer.alloc(32) }) });
// @ts-expect-error: a client's key is not asked for by an identity
connect({ port: 443, pskCallback: (client: TLSSocket, identity: string) => null });

https.request({ host: 'localhost', agent: new Agent({ keepAlive: true, ca: 'PEM' }) }).end();
createHttpsServer({ key: 'PEM', cert: 'PEM' }, (request, response) => response.end(request.url)).listen(0);
createHttp2Server({ key: 'PEM', cert: 'PEM', allowHTTP1: true }, (request, response) => response.end(request.url)).listen(0);
const session: http2.ClientHttp2Session = tlswrap.connectHttp2('https://localhost', { ca: 'PEM' });
session.close();
const connects: Function = connector({ ca: 'PEM', allowH2: true });
connects();

// @ts-expect-error there are two chains
socket.getPeerChain({ which: 'all' });
// @ts-expect-error there is no PKCS#12
createSecureContext({ pfx: 'x' });
// @ts-expect-error a version that nobody has
createSecureContext({ minVersion: 'TLSv1.4' });
// @ts-expect-error the label is text
socket.exportKeyingMaterial(32, 5);
