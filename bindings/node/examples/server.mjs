// A server that asks clients for a certificate and says to each who it is.
//
//     node server.mjs CERT KEY CAFILE

import { readFileSync } from 'node:fs';
import { createServer } from 'tlswrap';

const [, , cert, key, ca] = process.argv;
const options = { cert: readFileSync(cert), key: readFileSync(key), ca: readFileSync(ca), requestCert: true };

const server = createServer(options, (socket) => {
  socket.end(`You are ${socket.getPeerCertificate().subject.CN}.\n`);
});
server.on('tlsClientError', (error) => console.error(error.message));
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
