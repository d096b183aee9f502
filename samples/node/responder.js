// Answers requests and streams on a topic, on which services and programs call it.
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import grpc from '@grpc/grpc-js';

const KINDS = ['REQUEST', 'STREAM'];

/** A call that is not answered yet. */
class OpenCall extends EventEmitter {
  #items = 0;
  #withdrawn = new AbortController();
  signal = this.#withdrawn.signal;

  raiseDemand(items) {
    this.#items = Math.max(this.#items, items);
    this.emit('demand');
  }

  /** Waits until the caller of a stream takes as many items. */
  async demand(items) {
    while (this.#items < items) {
      await once(this, 'demand', { signal: this.signal });
    }
  }

  withdraw() {
    this.#withdrawn.abort();
  }
}

/** Serves one topic for as long as its stream lives. */
class Responder {
  #calls = new Map();

  constructor(carrick, topic, delay) {
    this.topic = topic;
    this.delay = delay;
    this.stream = carrick.Serve();
    this.stream.setMaxListeners(0); // Each open call may wait until there is room.
  }

  async run() {
    KINDS.forEach((kind) => this.stream.write({ register: { kind, topic: this.topic } }));
    try {
      for await (const said of this.stream) {
        this.hear(said);
      }
    } finally {
      this.#calls.forEach((open) => open.withdraw());
    }
  }

  hear({ body, registered, refused, incoming, demand, withdrawn }) {
    switch (body) {
      case 'registered':
        console.log(`serving ${registered.kind} ${this.topic}`);
        break;
      case 'refused':
        console.error(`refused: ${refused.message}`);
        process.exit(64 + refused.code);
      case 'incoming':
        console.log(`${incoming.kind} from ${incoming.caller}`);
        this.take(incoming);
        break;
      case 'demand':
        this.#calls.get(demand.call)?.raiseDemand(demand.items);
        break;
      case 'withdrawn':
        this.#calls.get(withdrawn.call)?.withdraw();
    }
  }

  take(incoming) {
    const { call } = incoming;
    const open = new OpenCall();
    this.#calls.set(call, open);
    open.answered = this.answer(incoming, open)
      .catch((error) => {
        if (!open.signal.aborted) {
          const invalid = error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
          const code = invalid ? grpc.status.INVALID_ARGUMENT : grpc.status.INTERNAL;
          return this.say({ failure: { call, code, message: error.message } });
        }
      })
      .finally(() => this.#calls.delete(call));
  }

  async answer({ call, kind, payload }, open) {
    await sleep(this.delay * 1000, undefined, { signal: open.signal });
    const text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
    if (kind === 'REQUEST') {
      return this.reply(call, `node heard ${text}`);
    }
    const words = text.split(/\s+/).filter(Boolean);
    for (const [index, word] of words.entries()) {
      await open.demand(index + 1);
      await this.reply(call, word);
    }
    return this.say({ finish: { call } });
  }

  reply(call, text) {
    const reply = { content_type: 'text/plain', payload: Buffer.from(text) };
    return this.say({ answer: { call, reply } });
  }

  async say(message) {
    if (!this.stream.write(message)) {
      await once(this.stream, 'drain');
    }
  }

  /** Takes no more calls, answers those that are open, and half-closes. */
  async leave() {
    KINDS.forEach((kind) => this.stream.write({ unregister: { kind, topic: this.topic } }));
    while (this.#calls.size > 0) {
      await Promise.all([...this.#calls.values()].map((open) => open.answered));
    }
    this.stream.end();
  }
}

/** Answers until it is told to stop, or the service goes away. */
export async function serve(carrick, topic, delay) {
  const responder = new Responder(carrick, topic, delay);
  process.once('SIGINT', () => responder.leave()).once('SIGTERM', () => responder.leave());
  await responder.run();
}
