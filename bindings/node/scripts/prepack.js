'use strict';
// Puts beside the sources what a package brings and the repository has elsewhere: the header, the native layer, and the
// library for this platform. `prepack.js --undo` takes the copies away again.

const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const repository = path.join(root, '..', '..');
const prebuilt = path.join(root, 'prebuilds', `${process.platform}-${process.arch}`);
const library = { darwin: 'libtlswrap.dylib', win32: 'tlswrap.dll' }[process.platform] ?? 'libtlswrap.so';

const copies = [
  [path.join(repository, 'include', 'tlswrap.h'), path.join(root, 'native', 'tlswrap.h')],
  [path.join(repository, 'target', 'dist', library), path.join(prebuilt, library)],
  [path.join(repository, 'LICENSE-APACHE'), path.join(root, 'LICENSE-APACHE')],
  [path.join(repository, 'LICENSE-MIT'), path.join(root, 'LICENSE-MIT')],
];

if (process.argv[2] === '--undo') for (const [, to] of copies) fs.rmSync(to, { force: true });
else {
  require('./build.js');
  for (const [from, to] of copies) fs.copyFileSync(from, to);
}
