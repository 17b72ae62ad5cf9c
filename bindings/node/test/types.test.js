'use strict';
// The declarations compile, and refuse what is not there (the @ts-expect-error lines of types/program.ts).

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { test } = require('node:test');
const tlswrap = require('..');

test('index.d.ts compiles in programs that use it', { timeout: 120_000 }, () => {
  const tsc = path.join(require.resolve('typescript'), '..', '..', 'bin', 'tsc');
  try {
    execFileSync(process.execPath, [tsc, '-p', path.join(__dirname, 'types')], { encoding: 'utf8' });
  } catch (error) {
    assert.fail(error.stdout);
  }
});

test('index.d.ts declares all that there is', () => {
  const text = require('node:fs').readFileSync(path.join(__dirname, '..', 'index.d.ts'), 'utf8');
  const declared = new Set([...text.matchAll(/^export (?:declare )?(?:function|class|const) (\w+)|^export \{ (\w+) \}/gm)].map(([, name, again]) => name ?? again));
  assert.deepEqual([...declared].sort(), Object.keys(tlswrap).sort());
  for (const name of Object.getOwnPropertyNames(tlswrap.TLSSocket.prototype).concat(Object.getOwnPropertyNames(Object.getPrototypeOf(tlswrap.TLSSocket.prototype))))
    if (!name.startsWith('_') && name !== 'constructor' && !['disableRenegotiation', 'enableTrace', 'pending', 'autoSelectFamilyAttemptedAddresses'].includes(name))
      assert.match(text, new RegExp(`\\b${name}\\b`), `${name} is not declared`);
});
