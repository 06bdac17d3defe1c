// The desk's behaviour: selecting rows, the right-click menu, and posting what a menu item asks for.
"use strict";

const body = document.body;
const menu = document.getElementById("menu");
const rows = [...document.querySelectorAll("#grid tbody tr")];
let anchor = null;

// The same for the life of a browser window, as Flow's session_uuid is.
const windowId = sessionStorage.getItem("window") ?? newWindowId();

function newWindowId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  sessionStorage.setItem("window", id);
  return id;
}

// ── selection ──

const isChosen = (row) => row.classList.contains("chosen");

function choose(row, chosen) {
  row.classList.toggle("chosen", chosen);
  row.setAttribute("aria-selected", String(chosen));
  row.querySelector("input").checked = chosen;
}

function countChosen() {
  const count = rows.filter(isChosen).length;
  const text = count === 0 ? "Nothing selected" : `${count} selected`;
  const shown = document.getElementById("count");
  if (shown) shown.textContent = text;
}

function onRowClick(row, event) {
  const onBox = event.target.matches("input");
  if (event.shiftKey && anchor) {
    const [from, to] = [rows.indexOf(anchor), rows.indexOf(row)].sort((a, b) => a - b);
    rows.forEach((other, at) => choose(other, at >= from && at <= to));
  } else if (onBox) {
    choose(row, event.target.checked);
    anchor = row;
  } else if (event.ctrlKey || event.metaKey) {
    choose(row, !isChosen(row));
    anchor = row;
  } else {
    rows.forEach((other) => choose(other, other === row));
    anchor = row;
  }
  countChosen();
}

rows.forEach((row) => row.addEventListener("click", (event) => onRowClick(row, event)));
document.getElementById("all")?.addEventListener("change", (event) => {
  rows.forEach((row) => choose(row, event.target.checked));
  countChosen();
});

// ── the menu ──

function closeMenu() {
  menu.hidden = true;
}

async function openMenu(at, context) {
  const query = new URLSearchParams({ type: context.type, person: body.dataset.person });
  if (context.project) query.set("project", context.project);
  const answer = await fetch(`/desk/menu?${query}`);
  if (!answer.ok) return complain("The menu could not be loaded.");
  const entries = await answer.json();
  menu.replaceChildren();
  let folder = "";
  for (const entry of entries) {
    if (entry.folder && entry.folder !== folder) {
      menu.append(Object.assign(document.createElement("h3"), { textContent: entry.folder }));
    }
    folder = entry.folder;
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: entry.title });
    button.dataset.item = entry.item;
    button.setAttribute("role", "menuitem");
    button.disabled = entry.selection_required && context.selected.length === 0;
    button.addEventListener("click", () => trigger(entry.item, context));
    menu.append(button);
  }
  if (entries.length === 0) {
    menu.append(Object.assign(document.createElement("p"), { textContent: "No menu items for this page." }));
  }
  menu.hidden = false;
  const box = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(0, Math.min(at.x, innerWidth - box.width - 8))}px`;
  menu.style.top = `${Math.max(0, Math.min(at.y, innerHeight - box.height - 8))}px`;
  menu.querySelector("button:not(:disabled)")?.focus();
}

const projectContext = (element) => ({
  type: "Project",
  project: element.dataset.project,
  selected: [Number(element.dataset.id)],
});

document.addEventListener("contextmenu", (event) => {
  const row = event.target.closest("tr[data-id]");
  const project = event.target.closest("[data-type='Project']");
  const grid = event.target.closest("#grid");
  if (!row && !project && !grid) return;
  event.preventDefault();
  const at = { x: event.clientX, y: event.clientY };
  if (project) return void openMenu(at, projectContext(project));
  // A right click outside the selection selects that row alone.
  if (row && !isChosen(row)) {
    rows.forEach((other) => choose(other, other === row));
    anchor = row;
    countChosen();
  }
  const selected = rows.filter(isChosen).map((chosen) => Number(chosen.dataset.id));
  openMenu(at, { type: body.dataset.page, project: body.dataset.project, selected });
});

document.getElementById("project-menu")?.addEventListener("click", (event) => {
  event.stopPropagation();
  const box = event.target.getBoundingClientRect();
  openMenu({ x: box.left, y: box.bottom }, projectContext(event.target.closest("[data-type='Project']")));
});

document.addEventListener("click", (event) => {
  if (!menu.contains(event.target)) closeMenu();
});
document.addEventListener("keydown", (event) => {
  if (menu.hidden) return;
  const buttons = [...menu.querySelectorAll("button:not(:disabled)")];
  const at = buttons.indexOf(document.activeElement);
  if (event.key === "Escape") closeMenu();
  if (event.key === "ArrowDown") buttons[(at + 1) % buttons.length]?.focus();
  if (event.key === "ArrowUp") buttons[(at - 1 + buttons.length) % buttons.length]?.focus();
  if (event.key.startsWith("Arrow")) event.preventDefault();
});

// ── posting ──

async function trigger(item, context) {
  closeMenu();
  const answer = await fetch("/desk/ami", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      item,
      type: context.type,
      project: context.project ? Number(context.project) : null,
      person: Number(body.dataset.person),
      selected: context.selected,
      session_uuid: windowId,
    }),
  });
  if (!answer.ok) return complain("The menu item could not be triggered.");
  const posting = await answer.json();
  submit(posting);
  if (posting.polls) poll();
}

function submit(posting) {
  const form = document.createElement("form");
  form.method = "post";
  form.action = posting.url;
  form.target = posting.overlay ? "overlay-frame" : "_blank";
  form.hidden = true;
  for (const [name, value] of posting.fields) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  if (posting.overlay) document.getElementById("overlay").showModal();
  body.append(form);
  form.submit();
  form.remove();
}

// After an item that asks for it, the page looks for changes made in its name, ever more slowly, and shows them.
async function poll() {
  const look = async () => (await (await fetch(`/desk/changes?session_uuid=${windowId}`)).json()).changes;
  let seen = await look();
  for (let wait = 1000; wait < 20000; wait *= 1.3) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const now = await look();
    if (now !== seen) await refresh();
    seen = now;
  }
}

async function refresh() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const row of rows) {
    const now = fresh.querySelector(`#grid tr[data-id="${row.dataset.id}"]`);
    if (!now) continue;
    [...row.cells].forEach((cell, at) => {
      // The first cell holds the tick, which is the reader's own.
      if (at > 0) cell.replaceChildren(...now.cells[at].childNodes);
    });
  }
}

function complain(text) {
  const notice = document.getElementById("notice");
  notice.textContent = text;
  notice.hidden = false;
  setTimeout(() => { notice.hidden = true; }, 6000);
}

document.getElementById("person").addEventListener("change", (event) => {
  const here = new URL(location.href);
  here.searchParams.set("person", event.target.value);
  location.href = here.href;
});
countChosen();
