'use strict';
// An HTTPS server for HTTP/1.1 and HTTP/2, whose handlers are those of Node.
//
//     node https.js CERT KEY

const fs = require('node:fs');
const { createHttp2Server } = require('tlswrap');

const [, , cert, key] = process.argv;
const server = createHttp2Server({ cert: fs.readFileSync(cert), key: fs.readFileSync(key), allowHTTP1: true }, (request, response) => {
  response.end(`HTTP/${request.httpVersion} over ${request.socket.getProtocol?.() ?? 'TLS'}\n`);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
