// What a page of another site can do with an address that it knows.
"use strict";

const seen = (element) => new Promise((done) => {
  element.addEventListener("load", () => done(true));
  element.addEventListener("error", () => done(false));
});

const formFor = (address, fields, more = {}) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = address;
  Object.assign(form, more);
  for (const [name, value] of fields) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  return form;
};

let frames = 0;
const frameNamed = (more = {}) => {
  frames += 1;
  const frame = Object.assign(document.createElement("iframe"), { name: `frame${frames}`, ...more });
  document.body.append(frame);
  return frame;
};

const quietly = (promise) => promise.then(() => true, () => false);

// Every way to send a form without leaving the page. Each sends one request.
const writes = {
  fetchUnread: (address, fields) =>
    quietly(fetch(address, { method: "POST", mode: "no-cors", credentials: "include", body: new URLSearchParams(fields) })),
  fetchUnnamed: (address, fields) =>
    quietly(fetch(address, { method: "POST", mode: "no-cors", referrerPolicy: "no-referrer", body: new URLSearchParams(fields) })),
  fetchAsText: (address, fields) =>
    quietly(fetch(address, { method: "POST", mode: "no-cors", body: new URLSearchParams(fields).toString() })),
  fetchToRead: (address, fields) =>
    quietly(fetch(address, { method: "POST", credentials: "include", body: new URLSearchParams(fields) })),
  // The browser asks first whether this header may be sent, and is told nothing.
  fetchWithHeader: (address, fields) =>
    quietly(fetch(address, { method: "POST", headers: { "X-Requested-With": "amigo" }, body: new URLSearchParams(fields) })),
  oldRequest: (address, fields) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    const ended = new Promise((done) => request.addEventListener("loadend", () => done(true)));
    request.send(new URLSearchParams(fields).toString());
    return ended;
  },
  beacon: (address, fields) => Promise.resolve(navigator.sendBeacon(address, new URLSearchParams(fields))),
  formInFrame: (address, fields) => {
    formFor(address, fields, { target: frameNamed().name }).submit();
    return Promise.resolve(true);
  },
  formInParts: (address, fields) => {
    formFor(address, fields, { target: frameNamed().name, enctype: "multipart/form-data" }).submit();
    return Promise.resolve(true);
  },
  // Its origin is no origin at all: `null`.
  formInSandbox: (address, fields) => {
    const form = formFor(address, fields);
    frameNamed({
      sandbox: "allow-scripts allow-forms",
      srcdoc: `${form.outerHTML}<script>document.forms[0].submit()</` + "script>",
    });
    form.remove();
    return Promise.resolve(true);
  },
  formByDetour: (address, fields) => {
    const detour = `/detour?status=307&to=${encodeURIComponent(address)}`;
    formFor(detour, fields, { target: frameNamed().name }).submit();
    return Promise.resolve(true);
  },
  formInNewTab: (address, fields) => {
    formFor(address, fields, { target: "_blank" }).submit();
    return Promise.resolve(true);
  },
};

// Every way to open an address that only looks, without leaving the page.
const looks = {
  image: (address) => seen(Object.assign(new Image(), { src: address })),
  fetch: (address) => quietly(fetch(address, { mode: "no-cors" })),
  frame: (address) => seen(frameNamed({ src: address })),
  detour: (address) => seen(frameNamed({ src: `/detour?status=302&to=${encodeURIComponent(address)}` })),
};

const all = async (ways, ...given) => {
  for (const way of Object.values(ways)) await way(...given);
  return Object.keys(ways).length;
};

// Leaves this page with a form.
const leave = (address, fields) => (formFor(address, fields).submit(), true);

// What can be learned of an address: empty when nothing can.
const learn = async (address) => {
  const learned = [];
  const told = (how, what) => {
    if (what) learned.push(`${how}: ${what}`.slice(0, 120));
  };
  const element = async (tag, more) => {
    const it = Object.assign(document.createElement(tag), more);
    const loads = seen(it);
    document.head.append(it);
    told(tag, (await loads) && "loads");
    it.remove();
  };
  const text = async (how, options) => {
    const answer = await fetch(address, options).catch(() => null);
    told(how, answer && (await answer.text()));
  };
  const heard = ({ origin, data }) => told("message", `${origin} ${JSON.stringify(data)}`);

  addEventListener("message", heard);
  await text("fetch", {});
  await text("fetch with credentials", { credentials: "include" });
  told("fetch unread", await quietly(fetch(address, { mode: "no-cors" })));
  await new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.addEventListener("loadend", () => done(told("old request", request.responseText)));
    request.send();
  });
  await element("script", { src: address });
  await element("link", { rel: "stylesheet", href: address });
  told("image", (await looks.image(address)) && "loads");
  told("module", await import(address).then((module) => Object.keys(module).join() || "loads", () => ""));
  await new Promise((done) => {
    const source = new EventSource(address, { withCredentials: true });
    const hear = (event) => {
      told("events", event.data ?? "open");
      source.close();
      done();
    };
    for (const name of ["open", "message", "state", "progress", "operations"]) source.addEventListener(name, hear);
    source.addEventListener("error", () => {
      source.close();
      done();
    });
  });
  for (const entry of performance.getEntriesByName(address)) told("size", entry.encodedBodySize);
  removeEventListener("message", heard);
  return learned;
};
