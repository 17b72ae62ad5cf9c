#!/usr/bin/env node
'use strict';
// tlswrap-chain: the certificate chain of a TLS server, as sent and as verified, as the line of JSON that the command
// of the same name from C prints with --json.

const { parseArgs } = require('node:util');

const help = `Usage: tlswrap-chain HOST[:PORT] [OPTION]...
Shows the certificate chain of a TLS server as JSON: as it was sent, and as it was verified.

HOST is a name or an address; an IPv6 address with a port is written [::1]:443.

  --servername NAME   ask for and verify NAME instead of HOST
  --cafile FILE       trust the certificates of FILE instead of the system's
  --min-tls 1.2|1.3   refuse older versions of TLS
  --alpn LIST         offer these protocols, for example h2,http/1.1
  --timeout SECONDS   for connecting and handshake together (default 10)
  --json              the default, and the only form here
  --help, --version

Exit status: 0 verified, 1 verification failed, 2 wrong usage, 3 no connection or no TLS.
`;

const VERIFIED = 0;
const UNVERIFIED = 1;
const USAGE = 2;
const NO_TLS = 3;

class Wrong extends Error {}

/** HOST, HOST:PORT, [IPV6], [IPV6]:PORT, or an IPv6 address alone. */
function target(text) {
  const isAddress = (text.match(/:/g) ?? []).length > 1 && !text.startsWith('[');
  const [, bracketed, plain, port = '443'] = isAddress ? [null, text] : (/^(?:\[(.+)\]|([^:[\]]+))(?::(.*))?$/.exec(text) ?? []);
  const host = bracketed ?? plain;
  if (!host || text.includes('://')) throw new Wrong(`HOST: expected a name or address, got "${text}"`);
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535)
    throw new Wrong(`PORT: expected a number from 1 to 65535, got "${port}"`);
  return { host, port: Number(port) };
}

function parse(args) {
  const text = { type: 'string' };
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { servername: text, cafile: text, 'min-tls': text, alpn: text, timeout: { ...text, default: '10' },
      json: { type: 'boolean' }, help: { type: 'boolean' }, version: { type: 'boolean' } },
  });
  if (values.help || values.version) return values;
  if (positionals.length !== 1) throw new Wrong(`HOST: expected one name or address, got ${positionals.length}`);
  const timeout = Number(values.timeout) * 1000;
  if (!(timeout >= 1 && timeout <= 86_400_000)) throw new Wrong(`--timeout: expected a number of seconds, got "${values.timeout}"`);
  const minVersion = { undefined: undefined, 1.2: 'TLSv1.2', 1.3: 'TLSv1.3' }[values['min-tls']];
  if (values['min-tls'] && !minVersion) throw new Wrong(`--min-tls: expected 1.2 or 1.3, got "${values['min-tls']}"`);
  return { ...values, ...target(positionals[0]), timeout, minVersion };
}

const ascii = (text) => JSON.stringify(text).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Shakes hands and prints; gives the exit status. */
function show(options) {
  const { connect } = require('..');
  const { host, port, servername = host, cafile, minVersion, alpn, timeout } = options;
  return new Promise((done) => {
    const socket = connect({
      host,
      port,
      servername,
      ...(cafile && { caFile: cafile }),
      ...(minVersion && { minVersion }),
      ...(alpn && { ALPNProtocols: alpn.split(',') }),
    });
    const timer = setTimeout(() => socket.destroy(new Error(`${host}: no answer within ${timeout / 1000} seconds`)), timeout);
    const end = (status) => {
      clearTimeout(timer);
      if (status !== NO_TLS) process.stdout.write(`{"host": ${ascii(host)}, "port": ${port}, ${socket.getReport().slice(1)}\n`);
      socket.destroy();
      done(status);
    };
    socket.once('secureConnect', () => end(VERIFIED));
    socket.once('error', (error) => {
      complain(error.message);
      end(error.status === 'TLSW_ERR_VERIFY' ? UNVERIFIED : NO_TLS);
    });
  });
}

function complain(message) {
  process.stderr.write(`tlswrap-chain: ${message}\n`);
}

async function main() {
  let options;
  try {
    options = parse(process.argv.slice(2));
  } catch (error) {
    complain(error.message);
    process.stderr.write("Try 'tlswrap-chain --help'.\n");
    return USAGE;
  }
  if (options.help) process.stdout.write(help);
  if (options.version) process.stdout.write(`tlswrap-chain ${Object.values(require('..').version()).join(', ')}\n`);
  if (options.help || options.version) return VERIFIED;
  try {
    return await show(options);
  } catch (error) {
    complain(error.message);
    return USAGE;
  }
}

main().then((status) => (process.exitCode = status));
