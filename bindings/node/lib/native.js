'use strict';
// The native layer, and the library under it.
//
// The addon is a file of the package. The library, libtlswrap, is looked for once, when it is first needed: where
// load() was told, where TLSWRAP_LIBRARY says, beside the addon, where the system looks.

const fs = require('node:fs');
const path = require('node:path');
const { TLSError, coded } = require('./errors.js');

const home = path.join(__dirname, '..', 'prebuilds', `${process.platform}-${process.arch}`);
const addonFile = path.join(home, 'tlswrap.node');

// The name of the library as a file of the package, and as the system's loader knows it.
const [shipped, installed] = {
  darwin: ['libtlswrap.dylib', 'libtlswrap.0.1.dylib'],
  win32: ['tlswrap.dll', 'tlswrap.dll'],
}[process.platform] ?? ['libtlswrap.so', 'libtlswrap.so.0.1'];

const addon = openAddon();
let loadedFrom = null;

function openAddon() {
  try {
    return require(addonFile);
  } catch (cause) {
    throw coded('ERR_TLSW_LIBRARY', `tlswrap has no native layer for ${process.platform}-${process.arch}: it looked for ` +
      `${addonFile}. "npm run build" in the package's folder makes it, with a C compiler.`, { cause });
  }
}

function places(library) {
  if (library !== undefined) return [['the option "library"', path.resolve(library)]];
  if (process.env.TLSWRAP_LIBRARY) return [['TLSWRAP_LIBRARY', path.resolve(process.env.TLSWRAP_LIBRARY)]];
  const beside = path.join(home, shipped);
  return [
    ['the package', fs.existsSync(beside) ? beside : null, beside],
    ['the system', installed],
  ];
}

/**
 * Loads the library from `library`, or from the first place that has it. Says where it came from. What was loaded
 * stays: to ask for another one is an error.
 */
function load({ library } = {}) {
  if (loadedFrom !== null) {
    if (library !== undefined && path.resolve(library) !== loadedFrom)
      throw coded('ERR_TLSW_LIBRARY', `the library is already loaded, from ${loadedFrom}`);
    return loadedFrom;
  }
  const looked = [];
  for (const [who, file, shown = file] of places(library)) {
    const why = file === null ? 'there is no such file' : addon.load(file);
    if (why === null) return (loadedFrom = file);
    looked.push(`${who}, ${shown}: ${why}`);
  }
  throw coded('ERR_TLSW_LIBRARY', `libtlswrap was not found. It was looked for in ${looked.join('; in ')}`);
}

// The addon's functions, with errors of ours.
const native = {};
for (const [name, call] of Object.entries(addon).filter(([, value]) => typeof value === 'function')) {
  native[name] = (...args) => {
    try {
      return call(...args);
    } catch (error) {
      throw TLSError.of(error);
    }
  };
}

module.exports = { native, addon, constants: addon.constants, load };
