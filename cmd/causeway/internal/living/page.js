// The picture comes alive: what nodes are and how requests and refused packets go is written into its boxes and arrows.
"use strict";

const at = id => document.getElementById(id);
const svg = document.querySelector("svg");
const boxOf = {}; // by the node's name
const moved = {}; // by box: requests and drops since the last look, and in all
const seconds = 2;

function put(parent, name, attributes, text) {
  const e = name === "text" && parent.ownerSVGElement !== undefined
    ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  e.textContent = text;
  parent.append(e);
  return e;
}

const grade = s => ({ running: "good", healthy: "good", starting: "wait", initial: "wait", draining: "wait" })[s] || "bad";
const count = box => moved[box] ||= { requests: 0, failed: 0, drops: 0, all: 0, dropped: 0, rate: 0 };

// marks are where the picture's boxes have room for what is alive: behind the title, and beside the arrow that leads there.
const marks = {};
if (svg) {
  const pills = [...svg.querySelectorAll("rect.pill")].map(p => ({ x: +p.getAttribute("x") + +p.getAttribute("width"), y: +p.getAttribute("y") }));
  for (const title of ["Edge load balancer", "Web servers", "Internal load balancer", "Application servers", "Database"]) {
    const text = [...svg.querySelectorAll("text.strong")].find(t => t.textContent === title);
    if (!text) continue;
    const y = +text.getAttribute("y");
    const pill = pills.filter(p => p.y < y).pop();
    marks[title] = {
      state: put(svg, "text", { class: "alive", x: +text.getAttribute("x") + text.getBBox().width + 14, y: y, "data-box": title }, ""),
      arrow: put(svg, "text", { class: "moves", x: pill && y - pill.y < 90 ? pill.x + 10 : 640, y: pill && y - pill.y < 90 ? pill.y + 16 : y - 32, "data-arrow": title }, ""),
    };
  }
}

function draw(state) {
  const sums = {};
  const rows = document.createDocumentFragment();
  for (const n of state.nodes) {
    for (const name of [n.name, n.plays, n.address]) if (name) boxOf[name] = n.box;
    const is = n.state === "running" && n.healthy ? n.healthy : n.state;
    const row = put(rows, "tr", {}, "");
    put(row, "td", {}, n.name);
    put(row, "td", { class: grade(is) }, is + (n.why ? ": " + n.why : ""));
    put(row, "td", {}, n.address + " · " + (n.memory >> 20) + " MiB");
    if (!n.box) continue;
    const sum = sums[n.box] ||= { good: 0, all: 0 };
    sum.all++;
    if (grade(is) === "good") sum.good++;
  }
  at("nodes").replaceChildren(rows);
  for (const [box, mark] of Object.entries(marks)) {
    const sum = sums[box] || { good: 0, all: 0 }, c = count(box);
    mark.state.textContent = `● ${sum.good} of ${sum.all} well`;
    mark.state.setAttribute("class", "alive " + (sum.good === sum.all && sum.all ? "good" : sum.good ? "wait" : "bad"));
    c.rate = c.requests / seconds;
    mark.arrow.textContent = (c.all ? `${c.rate ? c.rate.toFixed(1) + "/s, " : ""}${c.all} in all` : "") + (c.dropped ? `  ✕ ${c.dropped} refused` : "");
    mark.arrow.setAttribute("class", "moves" + (c.drops || c.failed ? " bad" : ""));
    c.requests = c.drops = c.failed = 0;
  }
  const address = at("address");
  address.replaceChildren();
  if (state.urls && state.urls.length) {
    put(address, "strong", {}, state.urls[0]);
    address.append(" through the proxy ");
    put(address, "code", {}, state.door);
    address.append(", as ");
    put(address, "code", {}, "bin/causeway open");
    address.append(" does");
  }
  at("faults").textContent = [...(state.faults || []), ...(state.lost || []).map(z => z + " is lost")].join(" · ");
  list("drops", state.drops || []);
  list("unplayed", state.unplayed || []);
}

function list(id, lines) {
  const items = document.createDocumentFragment();
  for (const line of lines) put(items, "li", {}, line);
  at(id).replaceChildren(items);
}

const said = [];
new EventSource("/events").onmessage = message => {
  const e = JSON.parse(message.data);
  if (e.kind === "traffic") {
    for (const box of new Set([boxOf[e.node], boxOf[e.what.to]])) {
      if (!box) continue;
      const c = count(box);
      c.requests += e.what.count;
      c.all += e.what.count;
      c.failed += e.what.failed || 0;
    }
    return;
  }
  if (e.kind === "drop") {
    const c = count(boxOf[e.what.toNode] || boxOf[e.what.fromNode] || "");
    c.drops += e.what.count;
    c.dropped += e.what.count;
  }
  if (!e.text || e.kind === "call" && e.what.allowed) return;
  said.unshift(new Date(e.at).toLocaleTimeString() + " " + e.text);
  said.length = Math.min(said.length, 20);
  list("log", said);
};

async function look() {
  try {
    const answer = await fetch("/state");
    if (answer.ok) draw(await answer.json());
  } catch {
    at("faults").textContent = "the world has ended";
  }
}
look();
setInterval(look, seconds * 1000);
