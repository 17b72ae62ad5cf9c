/// <reference types="node" />
import type { X509Certificate } from 'node:crypto';
import type * as http from 'node:http';
import type * as http2 from 'node:http2';
import * as https from 'node:https';
import * as net from 'node:net';
import { Duplex } from 'node:stream';
import type * as tls from 'node:tls';

export { X509Certificate } from 'node:crypto';

// ---- The library ----

/**
 * Loads libtlswrap, if it is not loaded yet, from `library`; else from where TLSWRAP_LIBRARY says, from the package,
 * from where the system looks. Says where it came from. Everything else does this by itself when it is first needed.
 */
export function load(options?: { library?: string }): string;

/** The versions of libtlswrap, and of what does its cryptography. */
export function version(): { tlswrap: string; backend: string };

// ---- Errors ----

/** What the library says of a failure. */
export class TLSError extends Error {
  /** As node:tls has it: CERT_HAS_EXPIRED, ERR_TLS_CERT_ALTNAME_INVALID, ERR_SSL_WRONG_VERSION_NUMBER. */
  readonly code: string;
  /** The library's: TLSW_ERR_VERIFY. */
  readonly status: string;
  /** The part of BoringSSL, and its word for what happened. */
  readonly library?: string;
  readonly reason?: string;
  /** The TLS alert that was sent or received. */
  readonly alert?: number;
  /** Of a verification that failed: OpenSSL's number, and at which certificate, 0 the peer's own. */
  readonly verifyError?: number;
  readonly verifyDepth?: number;
  /** Of a certificate for another name: the name that was wanted, and the certificate. */
  host?: string;
  cert?: tls.PeerCertificate;
}

// ---- Contexts ----

type Bytes = string | NodeJS.ArrayBufferView;
type OneOrMore<T> = T | T[];

/** The options of node:tls under its names; those that have no effect here are refused. */
export interface SecureContextOptions {
  /** Whom to trust, PEM or DER, in the place of the system's roots. */
  ca?: OneOrMore<Bytes>;
  /** The same from files. */
  caFile?: OneOrMore<string>;
  /** Revocation lists: every certificate of a chain is looked up. */
  crl?: OneOrMore<Bytes>;
  /** Own certificates, leaf first, and their keys in the same order. */
  cert?: OneOrMore<Bytes>;
  key?: OneOrMore<Bytes | { pem: Bytes; passphrase?: string }>;
  passphrase?: string;
  minVersion?: tls.SecureVersion;
  maxVersion?: tls.SecureVersion;
  /** Suites of TLS 1.3 by name among OpenSSL's list text for the others. */
  ciphers?: string;
  /** Groups with colons between them: X25519MLKEM768:x25519. */
  ecdhCurve?: string;
  honorCipherOrder?: boolean;
  /** crypto.constants.SSL_OP_*, set besides the defaults. */
  secureOptions?: number;
  allowPartialTrustChain?: boolean;
}

/** Checked options, for any number of connections and servers. */
export class SecureContext {
  constructor(options?: SecureContextOptions);
}

export function createSecureContext(options?: SecureContextOptions): SecureContext;

// ---- Connections ----

interface CommonOptions extends SecureContextOptions {
  secureContext?: SecureContext;
  ALPNProtocols?: string[] | NodeJS.ArrayBufferView;
  /** False: go on whatever the peer's certificate is; `authorized` and `authorizationError` tell. */
  rejectUnauthorized?: boolean;
  allowHalfOpen?: boolean;
  highWaterMark?: number;
  readableHighWaterMark?: number;
  writableHighWaterMark?: number;
}

type PskServerCallback = (
  socket: TLSSocket,
  identity: string,
) => NodeJS.ArrayBufferView | { psk: NodeJS.ArrayBufferView } | null | undefined;

export interface TLSSocketOptions extends CommonOptions {
  isServer?: boolean;
  /** Of servers: ask for a certificate. */
  requestCert?: boolean;
  /** Of servers: which context is for the name that a client asks for; none is the one there is. */
  SNICallback?: (servername: string, callback: (error: Error | null, context?: SecureContext | null) => void) => void;
  /** Of clients: whom the certificate must name. `host` counts where there is no `servername`. */
  servername?: string;
  host?: string;
  /**
   * Of clients: of getSession() or the event 'session', to be resumed. Without `sessionKey` the bytes must be kept from
   * being read as well as from being written: who writes them can be the server of the connection.
   */
  session?: Buffer;
  /**
   * Of clients: 32 bytes that nobody can guess. getSession() and the event 'session' then give bytes that are encrypted
   * and authenticated with it, and `session` takes no others.
   */
  sessionKey?: Uint8Array;
  /** Of clients: the key and its identity, by the hint that the server gave; null refuses. Of servers: an identity's key. */
  pskCallback?: ((hint: string | null) => PskNegotiation | null | undefined) | PskServerCallback;
  /** Of servers: a hint to which identity is wanted. */
  pskIdentityHint?: string;
  /** Of clients: decides about the name in the place of the library, once the chain has verified. */
  checkServerIdentity?: (hostname: string, cert: tls.DetailedPeerCertificate) => Error | undefined | void;
}

/** A pre-shared key and whose it is, which TLS 1.2 and older may use in the place of certificates. */
export interface PskNegotiation {
  /** At most 256 bytes. */
  psk: NodeJS.ArrayBufferView;
  /** At most 128 bytes. */
  identity: string;
}

export interface ConnectionOptions
  extends Omit<TLSSocketOptions, 'pskCallback' | 'pskIdentityHint'>,
    Omit<Partial<net.TcpNetConnectOpts>, keyof TLSSocketOptions | 'onread'> {
  /** The key and its identity, by the hint that the server gave; null refuses. */
  pskCallback?: (hint: string | null) => PskNegotiation | null | undefined;
  path?: string;
  /** A transport that is there already. */
  socket?: Duplex;
  timeout?: number;
}

/** A decoded certificate: the keys of Python's getpeercert(), and further ones. */
export interface DecodedCertificate {
  subject: [string, string][][];
  issuer: [string, string][][];
  version: number;
  serialNumber: string;
  notBefore: string;
  notAfter: string;
  subjectAltName?: [string, string][];
  OCSP?: string[];
  caIssuers?: string[];
  crlDistributionPoints?: string[];
  signatureAlgorithm: string;
  keyType: string;
  keyBits: number;
  isCA: boolean;
  keyUsage?: string[];
  extendedKeyUsage?: string[];
  subjectKeyIdentifier?: string;
  authorityKeyIdentifier?: string;
}

export interface PeerChainOptions {
  /** 'sent', as it came, there after a refusal too; 'verified', up to the trust anchor. */
  which?: 'sent' | 'verified';
}

interface SocketEvents {
  secure: [];
  secureConnect: [];
  session: [session: Buffer];
  keylog: [line: Buffer];
  timeout: [];
  connect: [];
  ready: [];
  lookup: [error: Error | null, address: string, family: string | number, host: string];
  close: [hadError: boolean];
  data: [chunk: Buffer];
  end: [];
  drain: [];
  finish: [];
  pause: [];
  readable: [];
  resume: [];
  error: [error: Error & Partial<TLSError>];
  pipe: [source: NodeJS.ReadableStream];
  unpipe: [source: NodeJS.ReadableStream];
}

export class TLSSocket extends Duplex {
  constructor(transport: Duplex, options?: TLSSocketOptions);

  readonly encrypted: true;
  readonly authorized: boolean;
  /** The code of what speaks against the peer. */
  readonly authorizationError: string | null;
  /** False where nothing was agreed on, null before the handshake is done. */
  readonly alpnProtocol: string | false | null;
  /** On a server the name that the client asked for, false for none. */
  readonly servername: string | false | null;
  readonly secureConnecting: boolean;
  readonly connecting: boolean;
  /** At the end of what the peer sent: whether it said so, or the transport just ended, perhaps cut. */
  readonly closeNotify?: boolean;
  readonly timeout?: number;
  readonly server?: net.Server;

  getPeerChain(options?: PeerChainOptions & { as?: 'x509' }): X509Certificate[];
  getPeerChain(options: PeerChainOptions & { as: 'der' }): Buffer[];
  getPeerChain(options: PeerChainOptions & { as: 'decoded' }): DecodedCertificate[];
  /** All about the peer as one line of JSON; after a handshake that failed, too. */
  getReport(): string;

  getPeerCertificate(detailed: true): tls.DetailedPeerCertificate;
  getPeerCertificate(detailed?: false): tls.PeerCertificate;
  getPeerX509Certificate(): X509Certificate | undefined;
  getCipher(): Partial<tls.CipherNameAndProtocol>;
  /** The group of the key exchange: X25519MLKEM768. */
  getGroup(): string | null;
  getProtocol(): tls.SecureVersion | null;
  getSession(): Buffer | undefined;
  isSessionReused(): boolean;
  exportKeyingMaterial(length: number, label: string, context?: Uint8Array): Buffer;
  getChannelBinding(type: 'tls-exporter' | 'tls-server-end-point' | 'tls-unique'): Buffer | undefined;
  getFinished(): Buffer | undefined;
  getPeerFinished(): Buffer | undefined;
  /** Always refused. */
  renegotiate(options: object, callback?: (error: Error | null) => void): false;
  /** Always refused. */
  setMaxSendFragment(size: number): false;

  destroySoon(): void;
  readonly readyState: net.SocketReadyState;
  setTimeout(milliseconds: number, callback?: () => void): this;
  setNoDelay(on?: boolean): this;
  setKeepAlive(on?: boolean, initialDelay?: number): this;
  ref(): this;
  unref(): this;
  address(): net.AddressInfo | {};
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  readonly remoteFamily?: string;
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly localFamily?: string;
  readonly bytesRead?: number;
  readonly bytesWritten?: number;

  on<E extends keyof SocketEvents>(event: E, listener: (...args: SocketEvents[E]) => void): this;
  on(event: string | symbol, listener: (...args: any[]) => void): this;
  once<E extends keyof SocketEvents>(event: E, listener: (...args: SocketEvents[E]) => void): this;
  once(event: string | symbol, listener: (...args: any[]) => void): this;
}

export function connect(options: ConnectionOptions, secureConnectListener?: () => void): TLSSocket;
export function connect(port: number, host?: string, options?: ConnectionOptions, secureConnectListener?: () => void): TLSSocket;
export function connect(port: number, options?: ConnectionOptions, secureConnectListener?: () => void): TLSSocket;
export function connect(path: string, options?: ConnectionOptions, secureConnectListener?: () => void): TLSSocket;

// ---- Servers ----

export interface ServerOptions extends CommonOptions, Pick<TLSSocketOptions, 'requestCert' | 'SNICallback' | 'pskIdentityHint'> {
  /** The key of the identity that a client named; null refuses it. */
  pskCallback?: PskServerCallback;
  /** Milliseconds; 120,000 by default. */
  handshakeTimeout?: number;
}

/** What every server here has, whatever it serves. */
export interface SecureServer {
  /** Clients that ask for `hostname`, in which a star stands for one label, get this context. */
  addContext(hostname: string, context: SecureContext | SecureContextOptions): void;
  /** Connections from now on are made with these options. */
  setSecureContext(options: SecureContextOptions): void;
}

interface ServerEvents {
  secureConnection: [socket: TLSSocket];
  tlsClientError: [error: Error & Partial<TLSError>, socket: TLSSocket];
  keylog: [line: Buffer, socket: TLSSocket];
}

export class Server extends net.Server implements SecureServer {
  constructor(options?: ServerOptions & net.ServerOpts, secureConnectionListener?: (socket: TLSSocket) => void);
  addContext(hostname: string, context: SecureContext | SecureContextOptions): void;
  setSecureContext(options: SecureContextOptions): void;
  on<E extends keyof ServerEvents>(event: E, listener: (...args: ServerEvents[E]) => void): this;
  on(event: string, listener: (...args: any[]) => void): this;
  once<E extends keyof ServerEvents>(event: E, listener: (...args: ServerEvents[E]) => void): this;
  once(event: string, listener: (...args: any[]) => void): this;
}

export function createServer(secureConnectionListener?: (socket: TLSSocket) => void): Server;
export function createServer(options: ServerOptions & net.ServerOpts, secureConnectionListener?: (socket: TLSSocket) => void): Server;

// ---- HTTP ----

/** For https.request, in the place of https.Agent. */
export class Agent extends https.Agent {
  constructor(options?: Omit<https.AgentOptions, keyof ConnectionOptions> & http.AgentOptions & ConnectionOptions);
}

/** For undici: new undici.Agent({ connect: connector(options) }), which fetch takes as its dispatcher. */
export function connector(options?: ConnectionOptions & { allowH2?: boolean; maxCachedSessions?: number }): (
  options: { hostname: string; host?: string; protocol: string; port: string; servername?: string; localAddress?: string | null; httpSocket?: any },
  callback: (...args: any[]) => void,
) => void;

/** As https.createServer: an http.Server behind TLS. */
export function createHttpsServer(options: ServerOptions & http.ServerOptions, listener?: http.RequestListener): http.Server & SecureServer;

/** As http2.createSecureServer; with `allowHTTP1` for HTTP/1.1 too. */
export function createHttp2Server(
  options: ServerOptions & http2.ServerOptions & { allowHTTP1?: boolean },
  listener?: (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void,
): http2.Http2Server & SecureServer;

/** As http2.connect. */
export function connectHttp2(
  authority: string,
  options?: ConnectionOptions & http2.ClientSessionOptions,
  listener?: (session: http2.ClientHttp2Session) => void,
): http2.ClientHttp2Session;
