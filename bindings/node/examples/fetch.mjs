// fetch and https.request over tlswrap.
//
//     node fetch.mjs URL CAFILE

import { readFileSync } from 'node:fs';
import https from 'node:https';
import { Agent as UndiciAgent, fetch } from 'undici';
import { Agent, connector } from 'tlswrap';

const [, , url, caFile] = process.argv;
const ca = readFileSync(caFile);

const dispatcher = new UndiciAgent({ connect: connector({ ca }) });
console.log('fetch:', await (await fetch(url, { dispatcher })).text());
await dispatcher.close();

https.get(url, { agent: new Agent({ ca }) }, async (response) => {
  const verified = response.socket.getPeerChain({ which: 'verified' });
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += part;
  console.log('https:', text);
  console.log(`verified up to ${verified.at(-1).subject}`);
});
