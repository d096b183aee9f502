// Calls a Carrick service, and answers a topic for it.
import { parseArgs } from 'node:util';
import grpc from '@grpc/grpc-js';
import { connect } from './carrick.js';
import { call, publish, stream, subscribe } from './client.js';
import { serve } from './responder.js';

const USAGE = `node carrick-sample.js [options] COMMAND
  call TOPIC TEXT...       a request for each text; prints the replies
  stream TOPIC TEXT...     a stream for each text; prints its items
  publish TOPIC TEXT...    publishes each text
  subscribe FILTER         prints what is published
  serve TOPIC              answers requests and streams on a topic
Options: --target HOST:PORT (localhost:7400), --timeout SECONDS for each call (10),
  --count N messages for subscribe, --delay SECONDS before each answer for serve.
Exit code: 0, or 64 + the number of the gRPC status, or 2 for wrong arguments.`;

const commands = {
  async call(carrick, topic, texts, { timeout }) {
    for (const text of texts) {
      console.log(await call(carrick, topic, text, timeout));
    }
  },
  async stream(carrick, topic, texts, { timeout }) {
    for (const text of texts) {
      for await (const item of stream(carrick, topic, text, timeout)) {
        console.log(item);
      }
    }
  },
  async publish(carrick, topic, texts, { timeout }) {
    for (const text of texts) {
      await publish(carrick, topic, text, timeout);
    }
  },
  async subscribe(carrick, filter, texts, { count }) {
    const messages = await subscribe(carrick, filter);
    console.log(`subscribed ${filter}`);
    let left = Number(count);
    for await (const { topic, payload } of messages) {
      console.log(topic, payload.toString());
      if (--left === 0) {
        break;
      }
    }
  },
  async serve(carrick, topic, texts, { delay }) {
    await serve(carrick, topic, Number(delay));
  },
};

function read() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        target: { type: 'string', default: 'localhost:7400' },
        timeout: { type: 'string', default: '10' },
        count: { type: 'string', default: 'Infinity' },
        delay: { type: 'string', default: '0' },
        help: { type: 'boolean' },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit();
    }
    const [command, topic, ...texts] = positionals;
    if (Object.hasOwn(commands, command ?? '') && topic) {
      return { run: commands[command], topic, texts, options: values };
    }
  } catch (error) {
    console.error(error.message);
  }
  console.error(USAGE);
  process.exit(2);
}

const { run, topic, texts, options } = read();
const carrick = connect(options.target);
try {
  await run(carrick, topic, texts, options);
} catch (error) {
  const delivered = error.metadata?.get('carrick-delivered')[0] ?? 'not known';
  console.error(`${grpc.status[error.code]}: ${error.details} (delivered: ${delivered})`);
  process.exitCode = 64 + error.code;
}
carrick.close();
