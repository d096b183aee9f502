// The page of `carrick browser`: prices as they come, and a chat.
import { CarrickClient } from "./client.js";
const element = (id) => document.getElementById(id);
const url = document.querySelector("meta[name=carrick]")?.content ?? "";
const client = new CarrickClient(url, {
    mostDelayMillis: 5_000,
    onState: (state, why) => {
        document.documentElement.dataset.state = state;
        element("state").textContent = state === "open" ? `connected to ${why}` : `${why}; connecting again`;
    },
});
function put(row, name, text) {
    row.querySelector(`.${name}`).textContent = text; // Never as HTML.
}
function price(message) {
    const { symbol, cents, before } = message.json();
    const id = `price-${symbol}`;
    let row = document.getElementById(id);
    if (!row) {
        row = element("row").content.firstElementChild?.cloneNode(true);
        row.id = id;
        element("prices").append(row);
    }
    const change = cents - before;
    put(row, "symbol", symbol);
    put(row, "cents", (cents / 100).toFixed(2));
    put(row, "change", `${change < 0 ? "▼" : "▲"} ${(Math.abs(change) / 100).toFixed(2)}`);
    row.dataset.change = change < 0 ? "down" : "up";
}
function said(message) {
    const line = document.createElement("li");
    line.textContent = message.text();
    const lines = element("said");
    lines.append(line);
    while (lines.childElementCount > 100)
        lines.firstElementChild?.remove();
    line.scrollIntoView({ block: "nearest" });
}
async function each(filter, show) {
    const messages = client.subscribe(filter, { onGap: () => (element("gap").textContent = "made again: some may be missing") });
    try {
        for await (const message of messages)
            show(message);
    }
    catch (e) {
        element("state").textContent = `${filter}: ${e instanceof Error ? e.message : e}`;
    }
}
element("chat").addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = element("text");
    const line = text.value.trim();
    if (!line)
        return;
    try {
        await client.publish("chat/all", line);
        text.value = "";
    }
    catch (e) {
        element("state").textContent = `not sent: ${e instanceof Error ? e.message : e}`;
    }
});
void each("price/#", price);
void each("chat/#", said);
