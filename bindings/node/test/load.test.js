'use strict';
// Where the library comes from, and the package as npm installs it.

const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { root } = require('./support.js');

const library = path.join(root, 'target', 'dist', 'libtlswrap.so');
const home = path.join(__dirname, '..');

/** Runs JavaScript in a process of its own, in which only `env` says anything about the library. */
function run(program, env = {}, options = {}) {
  const { TLSWRAP_LIBRARY, NODE_TEST_CONTEXT, ...rest } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], { cwd: home, env: { ...rest, ...env }, encoding: 'utf8', ...options });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

const load = (options = '') => `try { console.log(require('.').load(${options})) } catch (error) { console.log(error.code, error.message) }`;

function scratch(t) {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'tlswrap-load-'));
  t.after(() => fs.rmSync(made, { recursive: true }));
  return made;
}

test('the option says where the library is, before the environment', () => {
  assert.equal(run(load(`{ library: ${JSON.stringify(library)} }`), { TLSWRAP_LIBRARY: '/nowhere.so' }), library);
  assert.match(run(load("{ library: '/nowhere.so' }"), { TLSWRAP_LIBRARY: library }), /^ERR_TLSW_LIBRARY .*the option "library", \/nowhere\.so: .+/);
});

test('TLSWRAP_LIBRARY says where the library is', () => {
  assert.equal(run(load(), { TLSWRAP_LIBRARY: library }), library);
  assert.match(run(load(), { TLSWRAP_LIBRARY: '/nowhere.so' }), /^ERR_TLSW_LIBRARY .*TLSWRAP_LIBRARY, \/nowhere\.so: .+/);
});

test('the system says where the library is', (t) => {
  const made = scratch(t);
  fs.symlinkSync(library, path.join(made, 'libtlswrap.so.0.1'));
  assert.equal(run(load(), { LD_LIBRARY_PATH: made }), 'libtlswrap.so.0.1');
});

test('where there is none the error says where it was looked for', (t) => {
  const found = run(load());
  if (found === 'libtlswrap.so.0.1') return t.skip('libtlswrap is installed on this system');
  assert.match(found, /^ERR_TLSW_LIBRARY libtlswrap was not found\. It was looked for in the package, .*prebuilds.*: there is no such file; in the system, libtlswrap\.so\.0\.1: /);
});

test('another library is not taken for it', () => {
  const libc = fs.readFileSync('/proc/self/maps', 'utf8').match(/\/\S*libc\.so\S*/)[0];
  assert.match(run(load(), { TLSWRAP_LIBRARY: libc }), /it has no function tlsw_/);
});

test('what is loaded stays', () => {
  const program = `const { load } = require('.'); load({ library: ${JSON.stringify(library)} }); load(); try { load({ library: '/other.so' }) } catch ({ code, message }) { console.log(code, message) }`;
  assert.match(run(program), /^ERR_TLSW_LIBRARY the library is already loaded, from /);
});

test('the package as npm installs it: CommonJS, ES modules, the command, its own library', { timeout: 120_000 }, (t) => {
  const made = scratch(t);
  const options = { cwd: made, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', made], { ...options, cwd: home }));
  for (const file of ['index.d.ts', 'README.md', 'native/tlswrap.h', 'LICENSE-MIT', 'prebuilds/linux-x64/tlswrap.node'].map((name) => name.replace('linux-x64', `${process.platform}-${process.arch}`)))
    assert.ok(packed.files.some(({ path: name }) => name === file), `${file} is missing`);
  assert.ok(!packed.files.some(({ path: name }) => /^(test|bench|node_modules)\//.test(name)));
  fs.writeFileSync(path.join(made, 'package.json'), '{}');
  execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', path.join(made, packed.filename)], options);
  const where = run("console.log(require('tlswrap').load())", {}, { cwd: made });
  assert.ok(where.startsWith(fs.realpathSync(path.join(made, 'node_modules', 'tlswrap', 'prebuilds'))), where);
  const names = (source) => run(source, {}, { cwd: made });
  const common = names("console.log(Object.keys(require('tlswrap')).sort().join())");
  assert.equal(names("import('tlswrap').then((all) => console.log(Object.keys(all).filter((name) => name !== 'default').sort().join()))"), common);
  const { TLSWRAP_LIBRARY, ...env } = process.env;
  assert.match(execFileSync('npx', ['--offline', 'tlswrap-chain', '--version'], { ...options, env }), /^tlswrap-chain \d+\.\d+\.\d+, BoringSSL/);
});
