// Calls a Carrick node from a page, or from Node: docs/browser.md. It needs nothing else.

/** What is sent: text, bytes, or what JSON.stringify takes; nothing is an empty payload. */
export type Payload = unknown;

export interface Message {
  readonly topic: string;
  readonly contentType: string;
  readonly headers: readonly (readonly [string, string])[];
  text(): string;
  bytes(): Uint8Array;
  json<T>(): T;
}

export interface CallOptions {
  contentType?: string;
  headers?: [string, string][];
  accept?: string[]; // Content types of replies, best first.
  timeoutMillis?: number | undefined; // 30 s for a request, a send or a publish.
  signal?: AbortSignal;
  window?: number; // How many items may be on their way; 32.
  onGap?: () => void; // A subscription was made again on another socket: messages may be missing.
}

export interface ClientOptions {
  token?: () => string | Promise<string>; // Asked for each connection.
  onState?: (state: "open" | "broken", why: string) => void;
  mostDelayMillis?: number; // The longest wait before the next try; 30 s.
}

/** A call that failed, whether it was delivered, and whether it may be made again. */
export class CarrickError extends Error {
  override name = "CarrickError";
  constructor(
    readonly code: string, message: string, readonly delivered: Delivered, readonly retry: "safe" | "unsafe",
    readonly details: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

type Delivered = "yes" | "no" | "maybe";
type Words = Record<string, unknown>;
type Taker = { resolve: (r: IteratorResult<Message>) => void; reject: (e: Error) => void };

interface FromNode {
  t: string; x: number; last?: boolean; items?: number; stopSending?: boolean; calls?: number;
  topic?: string; contentType?: string; headers?: [string, string][]; payload?: string; payloadBase64?: string;
  code: string; message: string; delivered: Delivered; retry: "safe" | "unsafe"; details?: Record<string, string>;
}

const MOST_WAITING = 1_024;
const MOST_MILLIS = 2 ** 31 - 1; // Of a timer.
const MOST_BUFFERED = 256 * 1_024;
const ROOM_MILLIS = 20;
const SILENT_MILLIS = 20_000;
const FIRST_DELAY_MILLIS = 500;

const failure = (m: FromNode) => new CarrickError(m.code, m.message, m.delivered, m.retry, m.details);
const given = (code: string, why: string, sent: boolean) =>
  new CarrickError(code, why, sent ? "maybe" : "no", sent ? "unsafe" : "safe");

function words(value: Payload, type?: string): Words {
  if (value === undefined) return type ? { contentType: type } : {};
  if (typeof value === "string") return { contentType: type ?? "text/plain", payload: value };
  if (!(value instanceof Uint8Array)) return { contentType: type ?? "application/json", payload: JSON.stringify(value) };
  let binary = "";
  for (const byte of value) binary += String.fromCharCode(byte);
  return { contentType: type ?? "application/octet-stream", payloadBase64: btoa(binary) };
}

function received({ topic = "", contentType = "", headers = [], payload, payloadBase64 = "" }: FromNode): Message {
  const binary = () => Uint8Array.from(atob(payloadBase64), (c) => c.charCodeAt(0));
  const bytes = () => (payload === undefined ? binary() : new TextEncoder().encode(payload));
  const text = () => payload ?? new TextDecoder().decode(bytes());
  return { topic, contentType, headers, text, bytes, json: <T>() => JSON.parse(text()) as T };
}

/** A call: its items are granted as the loop takes them, and a loop that is left cancels it. */
export class Items implements AsyncIterableIterator<Message> {
  x = 0; // On the socket that is open; 0 until it is sent there.
  over = false;
  /** The node has the subscription. */
  readonly accepted: Promise<void>;
  #settle!: (error?: Error) => void;
  #queue: Message[] = []; // No more than the window.
  #takers: Taker[] = [];
  #error: CarrickError | undefined;
  #taken = 0;
  #granted: number;
  #opened = false;
  #failures = 0; // Of a subscription, since it was accepted.
  #credit = 0; // Of a channel.
  #stopped = false;
  #wake = () => {};
  #forget = () => {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly client: CarrickClient, readonly opening: Words, readonly options: CallOptions) {
    this.#granted = options.window ?? 32;
    this.accepted = new Promise((resolve, reject) => (this.#settle = (e) => (e ? reject(e) : resolve())));
    this.accepted.catch(() => {});
    const cancel = (code: string, why: string) => this.cancel(given(code, why, this.x > 0));
    const aborted = () => cancel("cancelled", "the call was cancelled");
    if (options.signal?.aborted) queueMicrotask(aborted);
    options.signal?.addEventListener("abort", aborted, { once: true });
    this.#forget = () => options.signal?.removeEventListener("abort", aborted);
    const millis = options.timeoutMillis;
    if (millis) this.#timer = setTimeout(() => cancel("deadline_exceeded", "it had not ended in time"), millis);
  }

  opened(x: number): void {
    this.x = x;
    this.#taken = -this.#queue.length; // Which an old socket had granted.
    this.#granted = this.opening.items = (this.options.window ?? 32) - this.#queue.length;
    this.client.say({ ...this.opening, x });
    this.#wake();
  }

  /** What the node says of it. */
  hear(m: FromNode): void {
    if (m.t === "item") {
      const taker = this.#takers.shift();
      if (taker) taker.resolve(this.#take(received(m)));
      else this.#queue.push(received(m));
      if (m.last) this.end();
    } else if (m.t === "accepted") {
      if (this.#opened) this.options.onGap?.();
      this.#opened = true;
      this.#failures = 0;
      this.#settle();
    } else if (m.t === "credit") {
      this.#stopped ||= m.stopSending === true;
      this.#credit = Math.max(this.#credit, m.items ?? 0);
      this.#wake();
    } else if (m.t === "error" && this.#lives() && ["unavailable", "unauthenticated"].includes(m.code)) {
      this.client.again(this, this.#failures++);
    } else {
      this.end(m.t === "error" ? failure(m) : undefined);
    }
  }

  #lives(): boolean {
    return this.opening.kind === "subscribe" && this.#opened && !this.over;
  }

  /** Its socket broke; true where it goes on with the next one. */
  broken(why: string): boolean {
    if (!this.#lives()) this.end(given("unavailable", why, this.x > 0));
    this.x = 0;
    return !this.over;
  }

  cancel(error?: CarrickError): void {
    if (!this.over && this.x) this.client.say({ t: "cancel", x: this.x });
    this.end(error);
  }

  /** It is over. */
  end(error?: CarrickError): void {
    if (this.over) return;
    this.over = this.#stopped = true;
    this.#error = error;
    clearTimeout(this.#timer);
    this.#forget();
    this.client.forget(this);
    this.#wake();
    this.#settle(error ?? new Error("the call is over"));
    for (const taker of this.#takers.splice(0)) this.#last(taker);
  }

  #last({ resolve, reject }: Taker): void {
    if (this.#error) reject(this.#error);
    else resolve({ value: undefined, done: true });
  }

  #take(value: Message): IteratorResult<Message> {
    const window = this.options.window ?? 32;
    if (++this.#taken + window / 2 >= this.#granted && this.x && !this.over) {
      this.client.say({ t: "credit", x: this.x, items: (this.#granted = this.#taken + window) });
    }
    return { value, done: false };
  }

  next(): Promise<IteratorResult<Message>> {
    return new Promise((resolve, reject) => {
      const m = this.#queue.shift();
      if (m) resolve(this.#take(m));
      else if (this.over) this.#last({ resolve, reject });
      else this.#takers.push({ resolve, reject });
    });
  }

  async return(): Promise<IteratorResult<Message>> {
    this.cancel();
    this.#queue = [];
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Sends the values of a channel, as the node grants them and the socket takes them. */
  async pump(values: AsyncIterable<Payload> | Iterable<Payload>): Promise<void> {
    try {
      let sent = 0;
      if (!this.x && !this.over) await new Promise<void>((resolve) => (this.#wake = resolve));
      for await (const value of values) {
        while (!this.#stopped && sent >= this.#credit) await new Promise<void>((resolve) => (this.#wake = resolve));
        while (!this.#stopped && this.client.isFull()) await new Promise((resolve) => setTimeout(resolve, ROOM_MILLIS));
        if (this.#stopped) break; // Which ends the values, too.
        this.client.say({ t: "item", x: this.x, ...words(value, this.options.contentType) });
        sent++;
      }
      if (!this.over) this.client.say({ t: "end", x: this.x });
    } catch (e) {
      this.cancel(given("cancelled", `its values failed: ${e}`, true));
    }
  }
}

/** A connection to a node, which is made again when it breaks. */
export class CarrickClient {
  #socket: WebSocket | undefined;
  #welcome = false;
  #most = 0; // Calls at a time.
  #last = 0;
  #open = new Map<number, Items>();
  #waiting = new Set<Items>();
  #parked = new Map<Items, ReturnType<typeof setTimeout>>();
  #failures = 0;
  #heard = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #room: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  /** @param url ws://host:port/v1/socket, or wss://… */
  constructor(readonly url: string, readonly options: ClientOptions = {}) {}

  async request(topic: string, payload?: Payload, options: CallOptions = {}): Promise<Message> {
    return (await this.#unary("request", topic, payload, options)).value;
  }

  /** Resolves when the handler has it in its queue. */
  async send(topic: string, payload?: Payload, options: CallOptions = {}): Promise<void> {
    await this.#unary("send", topic, payload, options);
  }

  async publish(topic: string, payload?: Payload, options: CallOptions = {}): Promise<void> {
    await this.#unary("publish", topic, payload, options);
  }

  stream(topic: string, payload?: Payload, options: CallOptions = {}): Items {
    return this.#begin("stream", topic, payload, options);
  }

  /** Lives on when the connection is made again, and tells `onGap`. */
  subscribe(filter: string, options: CallOptions = {}): Items {
    return this.#begin("subscribe", filter, undefined, options);
  }

  channel(topic: string, values: AsyncIterable<Payload> | Iterable<Payload>, options: CallOptions = {}): Items {
    const items = this.#begin("channel", topic, undefined, options);
    void items.pump(values);
    return items;
  }

  /** Ends all calls, and connects no more. */
  close(): void {
    this.#closed = true;
    this.leave("the client was closed");
  }

  #unary(kind: string, topic: string, payload: Payload, options: CallOptions): Promise<IteratorResult<Message>> {
    return this.#begin(kind, topic, payload, { timeoutMillis: 30_000, ...options }).next();
  }

  #begin(kind: string, topic: string, payload: Payload, options: CallOptions): Items {
    const { headers, accept } = options;
    const timeoutMillis = options.timeoutMillis && Math.min(MOST_MILLIS, Math.max(1, Math.ceil(options.timeoutMillis)));
    const opening = { t: "open", kind, topic, headers, accept, timeoutMillis, ...words(payload, options.contentType) };
    const items = new Items(this, opening, { ...options, timeoutMillis });
    if (this.#closed) items.end(given("unavailable", "the client is closed", false));
    else if (this.#waiting.size >= MOST_WAITING) items.end(given("resource_exhausted", "too many calls wait", false));
    else this.#flush(this.#waiting.add(items));
    return items;
  }

  /** Opens what waits, as far as the node and the socket take it. */
  #flush(waiting = this.#waiting): void {
    if (this.#closed) return;
    if (!this.#socket && !this.#retry) this.#connect();
    for (const items of waiting) {
      if (!this.#welcome || this.#open.size >= this.#most) return;
      if (this.isFull()) return this.#flushLater();
      this.#waiting.delete(items);
      this.#open.set(++this.#last, items);
      items.opened(this.#last);
    }
  }

  #flushLater(): void {
    this.#room ??= setTimeout(() => {
      this.#room = undefined;
      this.#flush();
    }, ROOM_MILLIS);
  }

  #connect(): void {
    const socket = (this.#socket = new WebSocket(this.url, "carrick.json.v1"));
    const mine = <T>(act: (event: T) => void) => (event: T) => void (socket === this.#socket && act(event));
    socket.onopen = mine(async () => {
      try {
        const token = await this.options.token?.();
        if (socket === this.#socket) this.say({ t: "hello", token });
      } catch (e) {
        if (socket === this.#socket) this.leave(`there is no token: ${e}`);
      }
    });
    socket.onmessage = mine(({ data }: MessageEvent) => this.#hear(JSON.parse(data)));
    socket.onclose = mine(({ code, reason }: CloseEvent) => this.leave(`the socket was closed: ${code} ${reason}`));
    this.#heard = Date.now();
    this.#watch = setInterval(() => {
      const silent = Date.now() - this.#heard;
      if (silent > 2 * SILENT_MILLIS) this.leave("the node says nothing");
      else if (silent > SILENT_MILLIS && this.#welcome) this.say({ t: "ping" });
    }, SILENT_MILLIS / 4);
  }

  #hear(m: FromNode): void {
    this.#heard = Date.now();
    if (m.t === "welcome") {
      [this.#welcome, this.#most, this.#failures] = [true, m.calls ?? 1, 0];
      this.#flush();
      this.options.onState?.("open", this.url);
    } else if (m.t === "reject") {
      if (!this.#welcome) for (const items of this.#waiting) items.end(failure(m));
      this.leave(m.message);
    } else {
      this.#open.get(m.x)?.hear(m);
    }
  }

  #delay(failures: number): number {
    const most = Math.min(this.options.mostDelayMillis ?? 30_000, FIRST_DELAY_MILLIS * 2 ** failures);
    return most * (0.5 + Math.random() / 2); // Not all pages at once.
  }

  /** A subscription that the node does not have for now is opened again, by itself. */
  again(items: Items, failures: number): void {
    this.#open.delete(items.x);
    items.x = 0;
    const timer = setTimeout(() => {
      this.#parked.delete(items);
      this.#flush(this.#waiting.add(items));
    }, this.#delay(failures));
    this.#parked.set(items, timer);
  }

  /** Gives the socket up. What lives on is opened on the next one, after a while. */
  leave(why: string): void {
    const [socket, open] = [this.#socket, [...this.#open.values()]];
    [this.#socket, this.#welcome, this.#last] = [undefined, false, 0];
    this.#open.clear();
    clearInterval(this.#watch);
    clearTimeout(this.#retry);
    socket?.close();
    this.#waiting = new Set([...open.filter((items) => items.broken(why)), ...this.#waiting]);
    if (this.#closed) {
      clearTimeout(this.#room);
      for (const items of [...this.#waiting, ...this.#parked.keys()]) items.end(given("unavailable", why, false));
    } else {
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        if (this.#waiting.size) this.#flush();
      }, this.#delay(this.#failures++));
    }
    if (socket) this.options.onState?.("broken", why);
  }

  say(message: Words): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  /** Whether the socket holds enough that has not left. */
  isFull(): boolean {
    return (this.#socket?.bufferedAmount ?? 0) > MOST_BUFFERED;
  }

  /** A call is over. */
  forget(items: Items): void {
    this.#waiting.delete(items);
    clearTimeout(this.#parked.get(items));
    this.#parked.delete(items);
    if (this.#open.get(items.x) === items) this.#open.delete(items.x);
    if (this.#waiting.size && this.#welcome) queueMicrotask(() => this.#flush());
  }
}
