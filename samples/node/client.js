// What a program asks of a Carrick service.
import { once } from 'node:events';

const message = (topic, text) => ({
  topic,
  content_type: 'text/plain',
  payload: Buffer.from(text),
});

const within = (seconds) => ({ deadline: Date.now() + seconds * 1000 });

/** One message, one reply. */
export function call(carrick, topic, text, timeout) {
  return new Promise((resolve, reject) => {
    carrick.Request(message(topic, text), within(timeout), (error, reply) =>
      error ? reject(error) : resolve(reply.payload.toString()));
  });
}

/** One message, many items; the service makes no more of them than are read here. */
export async function* stream(carrick, topic, text, timeout) {
  for await (const item of reading(carrick.Stream(message(topic, text), within(timeout)))) {
    yield item.payload.toString();
  }
}

/** One message to all who subscribed. */
export function publish(carrick, topic, text, timeout) {
  return new Promise((resolve, reject) => {
    carrick.Publish(message(topic, text), within(timeout), (error) =>
      error ? reject(error) : resolve());
  });
}

/** What is published; when this resolves, nothing is missed any more. */
export async function subscribe(carrick, filter) {
  const messages = carrick.Subscribe({ topic: filter });
  await once(messages, 'metadata'); // Comes when the subscription is in place.
  return reading(messages);
}

/** Ends the call when its reader does. */
async function* reading(replies) {
  try {
    yield* replies;
  } finally {
    replies.on('error', () => {}); // It was cancelled: nobody needs to hear that.
    replies.cancel();
  }
}
