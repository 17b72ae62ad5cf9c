'use strict';
// Compiles the native layer into prebuilds/, unless it is there and newer than its sources.
//
// A C compiler is all it takes: Node-API's headers come from the package node-api-headers, and libtlswrap itself is
// found at run time.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const sources = path.join(root, 'native');
const target = path.join(root, 'prebuilds', `${process.platform}-${process.arch}`, 'tlswrap.node');

// In the repository the header is where it belongs; a package brings a copy.
const headers = [path.join(root, '..', '..', 'include'), sources].filter((dir) => fs.existsSync(path.join(dir, 'tlswrap.h')));
const inputs = [...fs.readdirSync(sources).map((file) => path.join(sources, file)), path.join(headers[0], 'tlswrap.h'), __filename];

const time = (file) => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
if (time(target) < Math.max(...inputs.map(time))) {
  const { include_dir } = require('node-api-headers');
  fs.mkdirSync(path.dirname(target), { recursive: true });
  const ofSystem = process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : ['-ldl'];
  // Renamed when it is whole: a process that has the old one open keeps it.
  const half = `${target}.${process.pid}`;
  execFileSync(
    process.env.CC ?? 'cc',
    ['-std=gnu11', '-O2', '-fPIC', '-shared', '-fvisibility=hidden', '-Wall', '-Wextra', '-Werror', `-I${include_dir}`,
      `-I${headers[0]}`, ...inputs.filter((file) => file.endsWith('.c')), '-o', half, ...ofSystem],
    { stdio: 'inherit' },
  );
  fs.renameSync(half, target);
}
