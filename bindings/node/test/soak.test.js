'use strict';
// Memory does not grow: not with a million messages, not with connections that come and go.

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const { promisify } = require('node:util');
const { directory } = require('./support.js');

const MB = 1024 * 1024;
const share = Number(process.env.TLSWRAP_SOAK ?? 1);

for (const [what, count] of [['messages', 1_000_000], ['connections', 2_000]])
  test(`no growth with ${count * share} ${what}`, { timeout: 300_000 }, async (t) => {
    const { NODE_TEST_CONTEXT, ...env } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', path.join(__dirname, 'soak.js'), what, String(count * share)],
      { env: { ...env, TLSWRAP_TEST_PKI: directory } });
    const grown = JSON.parse(stdout);
    t.diagnostic(stdout.trim());
    assert.equal(grown.wanted, count * share);
    assert.ok(grown.heap < 2 * MB, `the heap has grown by ${grown.heap} bytes`);
    assert.ok(grown.rss < 24 * MB, `the process has grown by ${grown.rss} bytes`);
  });
