// What BrowserClientTest runs under Node: node driver.js URL scenario [token].
import { CarrickClient, CarrickError, type Items } from "./client.js";

declare const process: { argv: string[]; exit(code: number): never };

const [url = "", scenario = "", token] = process.argv.slice(2);
const print = (...what: unknown[]) => console.log(what.join(" "));
const client = new CarrickClient(url, {
  ...(token === undefined ? {} : { token: async () => token }),
  onState: (state) => print("state", state),
  mostDelayMillis: 200,
});
const failure = (e: unknown) => {
  if (!(e instanceof CarrickError)) throw e;
  print("failed", e.code, e.delivered, e.retry, JSON.stringify(e.details));
};

async function texts(items: Items, most = Infinity): Promise<string[]> {
  const seen: string[] = [];
  for await (const item of items) {
    seen.push(item.text());
    if (seen.length === most) break;
  }
  return seen;
}

const scenarios: Record<string, () => Promise<void>> = {
  async calls() {
    const reply = await client.request("upper", "grün", { headers: [["tenant", "é"]] });
    print("request", reply.text(), reply.contentType);
    print("json", (await client.request("echo", { count: 2 })).json<{ count: number }>().count);
    print("bytes", (await client.request("echo", new Uint8Array([0, 255]))).bytes());
    await client.send("log", "one way");
    const news = client.subscribe("news/#");
    await news.accepted;
    await client.publish("news/sea", "ahoy");
    for await (const message of news) {
      print("subscribed", message.topic, message.text());
      break;
    }
    print("stream", await texts(client.stream("count", "100", { window: 8 })));
    print("channel", await texts(client.channel("double", ["a", "b", "c"])));
    print("empty channel", (await texts(client.channel("double", []))).length);
  },

  async failures() {
    await client.request("fail").catch(failure);
    await client.request("nobody").catch(failure);
    await client.request("wait", "", { timeoutMillis: 50 }).catch((e) => print("late", e.code)); // Here or there.
    await texts(client.stream("nobody")).catch(failure);
    const abort = new AbortController();
    const waiting = client.request("wait", "", { signal: abort.signal }).catch(failure);
    await client.request("echo", "");
    abort.abort();
    await waiting;
    print("left", await texts(client.stream("count", "1000", { window: 4 }), 2));
  },

  async slow() {
    const items = client.stream("flood", "", { window: 4 });
    print("item", (await items.next()).value.text());
    await client.request("go");
    print("rest", await texts(items, 9));
  },

  async values() {
    let taken = 0;
    const values = function* () {
      while (true) yield String(++taken);
    };
    const items = client.channel("few", values());
    print("few", await texts(items, 1));
    print("values", taken);
  },

  async buffered() {
    const socket = globalThis.WebSocket;
    let most = 0;
    globalThis.WebSocket = class extends socket {
      override send(data: string) {
        super.send(data);
        most = Math.max(most, this.bufferedAmount);
      }
    };
    const body = "x".repeat(60_000);
    await Promise.all(Array.from({ length: 300 }, () => client.request("length", body)));
    print("buffered", most < 256 * 1_024 + 2 * 61_000 ? "bounded" : most);
  },

  async gap() {
    const messages = client.subscribe("news/#", { onGap: () => print("gap") });
    await messages.accepted;
    print("accepted");
    const open = client.request("wait").catch(failure);
    for await (const message of messages) {
      print("message", message.text());
      if (message.text() === "last") break;
    }
    await open;
  },

  async token() {
    await client.request("whoami").then((reply) => print("whoami", reply.text()), failure);
  },
};

try {
  await scenarios[scenario]?.();
} catch (e) {
  print("broken", e instanceof Error ? e.stack : e);
  process.exit(1);
}
client.close();
print("done");
