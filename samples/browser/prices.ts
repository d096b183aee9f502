// The page of `carrick browser`: prices as they come, and a chat.
import { CarrickClient, type Message } from "./client.js";

const element = (id: string) => document.getElementById(id) as HTMLElement;
const url = document.querySelector<HTMLMetaElement>("meta[name=carrick]")?.content ?? "";

const client = new CarrickClient(url, {
  mostDelayMillis: 5_000,
  onState: (state, why) => {
    document.documentElement.dataset.state = state;
    element("state").textContent = state === "open" ? `connected to ${why}` : `${why}; connecting again`;
  },
});

function put(row: Element, name: string, text: string): void {
  (row.querySelector(`.${name}`) as HTMLElement).textContent = text; // Never as HTML.
}

function price(message: Message): void {
  const { symbol, cents, before } = message.json<{ symbol: string; cents: number; before: number }>();
  const id = `price-${symbol}`;
  let row = document.getElementById(id);
  if (!row) {
    row = (element("row") as HTMLTemplateElement).content.firstElementChild?.cloneNode(true) as HTMLElement;
    row.id = id;
    element("prices").append(row);
  }
  const change = cents - before;
  put(row, "symbol", symbol);
  put(row, "cents", (cents / 100).toFixed(2));
  put(row, "change", `${change < 0 ? "▼" : "▲"} ${(Math.abs(change) / 100).toFixed(2)}`);
  row.dataset.change = change < 0 ? "down" : "up";
}

function said(message: Message): void {
  const line = document.createElement("li");
  line.textContent = message.text();
  const lines = element("said");
  lines.append(line);
  while (lines.childElementCount > 100) lines.firstElementChild?.remove();
  line.scrollIntoView({ block: "nearest" });
}

async function each(filter: string, show: (message: Message) => void): Promise<void> {
  const messages = client.subscribe(filter, { onGap: () => (element("gap").textContent = "made again: some may be missing") });
  try {
    for await (const message of messages) show(message);
  } catch (e) {
    element("state").textContent = `${filter}: ${e instanceof Error ? e.message : e}`;
  }
}

element("chat").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = element("text") as HTMLInputElement;
  const line = text.value.trim();
  if (!line) return;
  try {
    await client.publish("chat/all", line);
    text.value = "";
  } catch (e) {
    element("state").textContent = `not sent: ${e instanceof Error ? e.message : e}`;
  }
});

void each("price/#", price);
void each("chat/#", said);
