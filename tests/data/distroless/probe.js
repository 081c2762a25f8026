// What a program in Node expects of its library and of what is around it; a line for each.
const assert = require('node:assert');
const fs = require('node:fs');
const https = require('node:https');
const os = require('node:os');
const { Worker } = require('node:worker_threads');

require('node:dns').setDefaultResultOrder('ipv4first');
const site = fs.readFileSync('/app/site.pem');
const server = https.createServer({ key: site, cert: site }, (request, response) => response.end('größe'));

async function work() {
  const day = new Intl.DateTimeFormat('de', { dateStyle: 'full', timeZone: 'Asia/Kathmandu' }).format(1.7e12);
  console.log('intl', day, ['z', 'ä', 'a'].sort(new Intl.Collator('de').compare).join(''));
  const worker = new Worker('require("worker_threads").parentPort.postMessage(6 * 7)', { eval: true });
  console.log('worker', await new Promise((resolve) => worker.on('message', resolve)));
  console.log('module', (await import('node:path')).posix.join('/a', '../b'));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const answer = await fetch(`https://localhost:${server.address().port}/`);
  console.log('https', await answer.text());
  server.close();
  console.log('crypto', require('node:crypto').createHash('sha3-256').update('').digest('hex').slice(0, 6));
  console.log('zlib', require('node:zlib').brotliDecompressSync(require('node:zlib').brotliCompressSync('x')).toString());
  assert.throws(() => require('node:child_process').execSync('true', { stdio: 'ignore' }), /ENOENT/);
  console.log('user', os.userInfo().uid, os.userInfo().username, os.homedir());
}
work();
