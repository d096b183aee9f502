// Calls a Carrick node from a page, or from Node: docs/browser.md. It needs nothing else.
/** A call that failed, whether it was delivered, and whether it may be made again. */
export class CarrickError extends Error {
    code;
    delivered;
    retry;
    details;
    name = "CarrickError";
    constructor(code, message, delivered, retry, details = {}) {
        super(message);
        this.code = code;
        this.delivered = delivered;
        this.retry = retry;
        this.details = details;
    }
}
const MOST_WAITING = 1_024;
const MOST_MILLIS = 2 ** 31 - 1; // Of a timer.
const MOST_BUFFERED = 256 * 1_024;
const ROOM_MILLIS = 20;
const SILENT_MILLIS = 20_000;
const FIRST_DELAY_MILLIS = 500;
const failure = (m) => new CarrickError(m.code, m.message, m.delivered, m.retry, m.details);
const given = (code, why, sent) => new CarrickError(code, why, sent ? "maybe" : "no", sent ? "unsafe" : "safe");
function words(value, type) {
    if (value === undefined)
        return type ? { contentType: type } : {};
    if (typeof value === "string")
        return { contentType: type ?? "text/plain", payload: value };
    if (!(value instanceof Uint8Array))
        return { contentType: type ?? "application/json", payload: JSON.stringify(value) };
    let binary = "";
    for (const byte of value)
        binary += String.fromCharCode(byte);
    return { contentType: type ?? "application/octet-stream", payloadBase64: btoa(binary) };
}
function received({ topic = "", contentType = "", headers = [], payload, payloadBase64 = "" }) {
    const binary = () => Uint8Array.from(atob(payloadBase64), (c) => c.charCodeAt(0));
    const bytes = () => (payload === undefined ? binary() : new TextEncoder().encode(payload));
    const text = () => payload ?? new TextDecoder().decode(bytes());
    return { topic, contentType, headers, text, bytes, json: () => JSON.parse(text()) };
}
/** A call: its items are granted as the loop takes them, and a loop that is left cancels it. */
export class Items {
    client;
    opening;
    options;
    x = 0; // On the socket that is open; 0 until it is sent there.
    over = false;
    /** The node has the subscription. */
    accepted;
    #settle;
    #queue = []; // No more than the window.
    #takers = [];
    #error;
    #taken = 0;
    #granted;
    #opened = false;
    #failures = 0; // Of a subscription, since it was accepted.
    #credit = 0; // Of a channel.
    #stopped = false;
    #wake = () => { };
    #forget = () => { };
    #timer;
    constructor(client, opening, options) {
        this.client = client;
        this.opening = opening;
        this.options = options;
        this.#granted = options.window ?? 32;
        this.accepted = new Promise((resolve, reject) => (this.#settle = (e) => (e ? reject(e) : resolve())));
        this.accepted.catch(() => { });
        const cancel = (code, why) => this.cancel(given(code, why, this.x > 0));
        const aborted = () => cancel("cancelled", "the call was cancelled");
        if (options.signal?.aborted)
            queueMicrotask(aborted);
        options.signal?.addEventListener("abort", aborted, { once: true });
        this.#forget = () => options.signal?.removeEventListener("abort", aborted);
        const millis = options.timeoutMillis;
        if (millis)
            this.#timer = setTimeout(() => cancel("deadline_exceeded", "it had not ended in time"), millis);
    }
    opened(x) {
        this.x = x;
        this.#taken = -this.#queue.length; // Which an old socket had granted.
        this.#granted = this.opening.items = (this.options.window ?? 32) - this.#queue.length;
        this.client.say({ ...this.opening, x });
        this.#wake();
    }
    /** What the node says of it. */
    hear(m) {
        if (m.t === "item") {
            const taker = this.#takers.shift();
            if (taker)
                taker.resolve(this.#take(received(m)));
            else
                this.#queue.push(received(m));
            if (m.last)
                this.end();
        }
        else if (m.t === "accepted") {
            if (this.#opened)
                this.options.onGap?.();
            this.#opened = true;
            this.#failures = 0;
            this.#settle();
        }
        else if (m.t === "credit") {
            this.#stopped ||= m.stopSending === true;
            this.#credit = Math.max(this.#credit, m.items ?? 0);
            this.#wake();
        }
        else if (m.t === "error" && this.#lives() && ["unavailable", "unauthenticated"].includes(m.code)) {
            this.client.again(this, this.#failures++);
        }
        else {
            this.end(m.t === "error" ? failure(m) : undefined);
        }
    }
    #lives() {
        return this.opening.kind === "subscribe" && this.#opened && !this.over;
    }
    /** Its socket broke; true where it goes on with the next one. */
    broken(why) {
        if (!this.#lives())
            this.end(given("unavailable", why, this.x > 0));
        this.x = 0;
        return !this.over;
    }
    cancel(error) {
        if (!this.over && this.x)
            this.client.say({ t: "cancel", x: this.x });
        this.end(error);
    }
    /** It is over. */
    end(error) {
        if (this.over)
            return;
        this.over = this.#stopped = true;
        this.#error = error;
        clearTimeout(this.#timer);
        this.#forget();
        this.client.forget(this);
        this.#wake();
        this.#settle(error ?? new Error("the call is over"));
        for (const taker of this.#takers.splice(0))
            this.#last(taker);
    }
    #last({ resolve, reject }) {
        if (this.#error)
            reject(this.#error);
        else
            resolve({ value: undefined, done: true });
    }
    #take(value) {
        const window = this.options.window ?? 32;
        if (++this.#taken + window / 2 >= this.#granted && this.x && !this.over) {
            this.client.say({ t: "credit", x: this.x, items: (this.#granted = this.#taken + window) });
        }
        return { value, done: false };
    }
    next() {
        return new Promise((resolve, reject) => {
            const m = this.#queue.shift();
            if (m)
                resolve(this.#take(m));
            else if (this.over)
                this.#last({ resolve, reject });
            else
                this.#takers.push({ resolve, reject });
        });
    }
    async return() {
        this.cancel();
        this.#queue = [];
        return { value: undefined, done: true };
    }
    [Symbol.asyncIterator]() {
        return this;
    }
    /** Sends the values of a channel, as the node grants them and the socket takes them. */
    async pump(values) {
        try {
            let sent = 0;
            if (!this.x && !this.over)
                await new Promise((resolve) => (this.#wake = resolve));
            for await (const value of values) {
                while (!this.#stopped && sent >= this.#credit)
                    await new Promise((resolve) => (this.#wake = resolve));
                while (!this.#stopped && this.client.isFull())
                    await new Promise((resolve) => setTimeout(resolve, ROOM_MILLIS));
                if (this.#stopped)
                    break; // Which ends the values, too.
                this.client.say({ t: "item", x: this.x, ...words(value, this.options.contentType) });
                sent++;
            }
            if (!this.over)
                this.client.say({ t: "end", x: this.x });
        }
        catch (e) {
            this.cancel(given("cancelled", `its values failed: ${e}`, true));
        }
    }
}
/** A connection to a node, which is made again when it breaks. */
export class CarrickClient {
    url;
    options;
    #socket;
    #welcome = false;
    #most = 0; // Calls at a time.
    #last = 0;
    #open = new Map();
    #waiting = new Set();
    #parked = new Map();
    #failures = 0;
    #heard = 0;
    #retry;
    #room;
    #watch;
    #closed = false;
    /** @param url ws://host:port/v1/socket, or wss://… */
    constructor(url, options = {}) {
        this.url = url;
        this.options = options;
    }
    async request(topic, payload, options = {}) {
        return (await this.#unary("request", topic, payload, options)).value;
    }
    /** Resolves when the handler has it in its queue. */
    async send(topic, payload, options = {}) {
        await this.#unary("send", topic, payload, options);
    }
    async publish(topic, payload, options = {}) {
        await this.#unary("publish", topic, payload, options);
    }
    stream(topic, payload, options = {}) {
        return this.#begin("stream", topic, payload, options);
    }
    /** Lives on when the connection is made again, and tells `onGap`. */
    subscribe(filter, options = {}) {
        return this.#begin("subscribe", filter, undefined, options);
    }
    channel(topic, values, options = {}) {
        const items = this.#begin("channel", topic, undefined, options);
        void items.pump(values);
        return items;
    }
    /** Ends all calls, and connects no more. */
    close() {
        this.#closed = true;
        this.leave("the client was closed");
    }
    #unary(kind, topic, payload, options) {
        return this.#begin(kind, topic, payload, { timeoutMillis: 30_000, ...options }).next();
    }
    #begin(kind, topic, payload, options) {
        const { headers, accept } = options;
        const timeoutMillis = options.timeoutMillis && Math.min(MOST_MILLIS, Math.max(1, Math.ceil(options.timeoutMillis)));
        const opening = { t: "open", kind, topic, headers, accept, timeoutMillis, ...words(payload, options.contentType) };
        const items = new Items(this, opening, { ...options, timeoutMillis });
        if (this.#closed)
            items.end(given("unavailable", "the client is closed", false));
        else if (this.#waiting.size >= MOST_WAITING)
            items.end(given("resource_exhausted", "too many calls wait", false));
        else
            this.#flush(this.#waiting.add(items));
        return items;
    }
    /** Opens what waits, as far as the node and the socket take it. */
    #flush(waiting = this.#waiting) {
        if (this.#closed)
            return;
        if (!this.#socket && !this.#retry)
            this.#connect();
        for (const items of waiting) {
            if (!this.#welcome || this.#open.size >= this.#most)
                return;
            if (this.isFull())
                return this.#flushLater();
            this.#waiting.delete(items);
            this.#open.set(++this.#last, items);
            items.opened(this.#last);
        }
    }
    #flushLater() {
        this.#room ??= setTimeout(() => {
            this.#room = undefined;
            this.#flush();
        }, ROOM_MILLIS);
    }
    #connect() {
        const socket = (this.#socket = new WebSocket(this.url, "carrick.json.v1"));
        const mine = (act) => (event) => void (socket === this.#socket && act(event));
        socket.onopen = mine(async () => {
            try {
                const token = await this.options.token?.();
                if (socket === this.#socket)
                    this.say({ t: "hello", token });
            }
            catch (e) {
                if (socket === this.#socket)
                    this.leave(`there is no token: ${e}`);
            }
        });
        socket.onmessage = mine(({ data }) => this.#hear(JSON.parse(data)));
        socket.onclose = mine(({ code, reason }) => this.leave(`the socket was closed: ${code} ${reason}`));
        this.#heard = Date.now();
        this.#watch = setInterval(() => {
            const silent = Date.now() - this.#heard;
            if (silent > 2 * SILENT_MILLIS)
                this.leave("the node says nothing");
            else if (silent > SILENT_MILLIS && this.#welcome)
                this.say({ t: "ping" });
        }, SILENT_MILLIS / 4);
    }
    #hear(m) {
        this.#heard = Date.now();
        if (m.t === "welcome") {
            [this.#welcome, this.#most, this.#failures] = [true, m.calls ?? 1, 0];
            this.#flush();
            this.options.onState?.("open", this.url);
        }
        else if (m.t === "reject") {
            if (!this.#welcome)
                for (const items of this.#waiting)
                    items.end(failure(m));
            this.leave(m.message);
        }
        else {
            this.#open.get(m.x)?.hear(m);
        }
    }
    #delay(failures) {
        const most = Math.min(this.options.mostDelayMillis ?? 30_000, FIRST_DELAY_MILLIS * 2 ** failures);
        return most * (0.5 + Math.random() / 2); // Not all pages at once.
    }
    /** A subscription that the node does not have for now is opened again, by itself. */
    again(items, failures) {
        this.#open.delete(items.x);
        items.x = 0;
        const timer = setTimeout(() => {
            this.#parked.delete(items);
            this.#flush(this.#waiting.add(items));
        }, this.#delay(failures));
        this.#parked.set(items, timer);
    }
    /** Gives the socket up. What lives on is opened on the next one, after a while. */
    leave(why) {
        const [socket, open] = [this.#socket, [...this.#open.values()]];
        [this.#socket, this.#welcome, this.#last] = [undefined, false, 0];
        this.#open.clear();
        clearInterval(this.#watch);
        clearTimeout(this.#retry);
        socket?.close();
        this.#waiting = new Set([...open.filter((items) => items.broken(why)), ...this.#waiting]);
        if (this.#closed) {
            clearTimeout(this.#room);
            for (const items of [...this.#waiting, ...this.#parked.keys()])
                items.end(given("unavailable", why, false));
        }
        else {
            this.#retry = setTimeout(() => {
                this.#retry = undefined;
                if (this.#waiting.size)
                    this.#flush();
            }, this.#delay(this.#failures++));
        }
        if (socket)
            this.options.onState?.("broken", why);
    }
    say(message) {
        if (this.#socket?.readyState === WebSocket.OPEN)
            this.#socket.send(JSON.stringify(message));
    }
    /** Whether the socket holds enough that has not left. */
    isFull() {
        return (this.#socket?.bufferedAmount ?? 0) > MOST_BUFFERED;
    }
    /** A call is over. */
    forget(items) {
        this.#waiting.delete(items);
        clearTimeout(this.#parked.get(items));
        this.#parked.delete(items);
        if (this.#open.get(items.x) === items)
            this.#open.delete(items.x);
        if (this.#waiting.size && this.#welcome)
            queueMicrotask(() => this.#flush());
    }
}
