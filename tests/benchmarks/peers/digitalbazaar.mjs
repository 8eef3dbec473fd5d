// @digitalbazaar/vc: reads what to do from a file, prints seconds for one issue and one verification as JSON.
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {readFileSync} from 'node:fs';

const task = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const method = task.secured.proof[0].verificationMethod;
const [controller, publicKeyMultibase] = method.split('#');
const key = {
  '@context': 'https://w3id.org/security/multikey/v1',
  id: method, type: 'Multikey', controller, publicKeyMultibase
};
const documents = new Map(Object.entries(task.contexts));
documents.set(method, key);
documents.set(controller, {
  '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
  id: controller, verificationMethod: [key], assertionMethod: [method]
});
async function documentLoader(url) {
  if(!documents.has(url)) {
    throw new Error(`not held: ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document: documents.get(url), tag: 'static'};
}

const pair = await Ed25519Multikey.from({...key, secretKeyMultibase: task.secretKeyMultibase});

async function verify() {
  const suite = new DataIntegrityProof({cryptosuite});
  const credential = JSON.parse(text);
  const result = await vc.verifyCredential({credential, suite, documentLoader, now: task.now});
  if(!result.verified) {
    throw result.error;
  }
}
async function issue() {
  const suite = new DataIntegrityProof({signer: pair.signer(), cryptosuite});
  await vc.issue({credential: structuredClone(task.unsigned), suite, documentLoader});
}
async function median(operation) {
  for(let n = 0; n < 20; ++n) {
    await operation();
  }
  const rounds = [];
  const until = performance.now() + task.seconds * 1000;
  while(performance.now() < until || rounds.length < 5) {
    const start = process.cpuUsage();
    for(let n = 0; n < 10; ++n) {
      await operation();
    }
    const spent = process.cpuUsage(start);
    rounds.push((spent.user + spent.system) / 10 / 1e6);
  }
  rounds.sort((a, b) => a - b);
  return rounds[rounds.length >> 1];
}

const text = JSON.stringify(task.secured);
process.stdout.write(JSON.stringify({verify: await median(verify), issue: await median(issue)}));
