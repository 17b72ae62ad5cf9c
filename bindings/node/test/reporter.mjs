// A line for each test, why one failed, and `N passed, M failed, K skipped` at the end.
import { inspect } from 'node:util';

export default async function* reporter(source) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of source) {
    const isFile = data.name?.endsWith('.test.js') && data.details?.type !== 'suite' && data.nesting === 0 && data.file?.endsWith(data.name);
    if (isFile && type === 'test:pass') continue;
    if (type === 'test:pass' && data.skip !== undefined) {
      count.skipped++;
      yield `skipped ${data.name}${typeof data.skip === 'string' ? `: ${data.skip}` : ''}\n`;
    } else if (type === 'test:pass') {
      count.passed++;
      yield `ok      ${data.name}\n`;
    } else if (type === 'test:fail') {
      count.failed++;
      const error = data.details.error;
      yield `FAILED  ${data.name}\n${inspect(error.cause ?? error).replace(/^/gm, '        ')}\n`;
    } else if (type === 'test:stdout' || type === 'test:stderr') yield data.message;
  }
  yield `\n${count.passed} passed, ${count.failed} failed${count.skipped ? `, ${count.skipped} skipped` : ''}\n`;
}
