'use strict';
// Connects to a TLS server and shows whose certificates it showed, and which of them were verified.
//
//     node client.js HOST PORT [CAFILE]

const fs = require('node:fs');
const { connect } = require('tlswrap');

const [, , host, port, ca] = process.argv;
const socket = connect({ host, port: Number(port), ...(ca && { ca: fs.readFileSync(ca) }) }, () => {
  console.log(`${socket.getProtocol()} with ${socket.getCipher().name}, ${socket.getGroup()}`);
  for (const certificate of socket.getPeerChain({ which: 'verified' })) console.log(certificate.subject);
  socket.end();
});
socket.resume();
socket.on('error', (error) => {
  console.error(error.message); // which certificate, what is wrong, what to do
  for (const certificate of socket.getPeerChain({ which: 'sent' })) console.error('sent:', certificate.subject);
  process.exitCode = 1;
});
