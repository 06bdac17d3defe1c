// amigo's pages work without this file; with it they live.
"use strict";

(() => {
  const main = document.querySelector("main");
  const byId = (id) => document.getElementById(id);

  // ---- Times in the reader's own zone ----
  for (const time of document.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) {
      time.title = time.textContent;
      time.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    }
  }

  // ---- Copy an address ----
  for (const button of document.querySelectorAll("[data-copy]")) {
    const field = button.parentElement.querySelector("input");
    button.hidden = false;
    button.addEventListener("click", async () => {
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        // In a frame without permission the older way still works.
        document.execCommand("copy");
      }
      button.textContent = "Copied";
    });
  }

  // ---- Ticks: what needs what ----
  const form = byId("plan");
  const apply = byId("apply");
  if (form && apply) {
    const boxes = [...form.querySelectorAll("input[name=op]")];
    const byOperation = new Map(boxes.map((box) => [box.value, box]));
    const needs = new Map();
    const neededBy = new Map();
    for (const box of boxes) {
      const above = box.dataset.needs.split(" ").map((id) => byOperation.get(id)).filter(Boolean);
      needs.set(box, above);
      for (const one of above) {
        if (!neededBy.has(one)) neededBy.set(one, []);
        neededBy.get(one).push(box);
      }
    }

    // Ticking carries over to what is needed, unticking to what needs it.
    const follow = (box) => {
      const next = box.checked ? needs : neededBy;
      const waiting = [box];
      while (waiting.length) {
        for (const other of next.get(waiting.pop()) ?? []) {
          if (other.checked !== box.checked) {
            other.checked = box.checked;
            waiting.push(other);
          }
        }
      }
    };

    const count = () => {
      let ticked = 0;
      for (const box of boxes) {
        if (box.checked) ticked += 1;
        box.closest(".row").classList.toggle("off", !box.checked);
      }
      apply.disabled = ticked === 0;
      apply.textContent = ticked === 1 ? "Apply 1 change" : `Apply ${ticked} changes`;
    };

    form.addEventListener("change", (event) => {
      if (event.target.name === "op") {
        follow(event.target);
        count();
      }
    });
    form.addEventListener("submit", () => {
      // After the form's data is taken, so that a second press is not sent.
      setTimeout(() => {
        apply.disabled = true;
        apply.textContent = "Applying…";
      });
    });
    // A page that comes back from the browser's memory has its buttons again.
    window.addEventListener("pageshow", count);
    count();
  }

  // ---- Find a row ----
  const filter = byId("filter");
  const rows = [...document.querySelectorAll(".tree .row")];
  if (filter && rows.length > 12) {
    filter.parentElement.hidden = false;
    const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    filter.addEventListener("input", () => {
      const wanted = filter.value.trim().toLowerCase();
      for (const row of rows) row.hidden = !words.get(row).includes(wanted);
      for (const fold of document.querySelectorAll(".tree .fold")) {
        fold.hidden = !fold.querySelector(".row:not([hidden])");
        fold.firstElementChild.open = wanted !== "";
      }
    });
    // Enter in the search box looks for a row; it does not apply the plan.
    filter.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
  }

  // ---- Live ----
  const order = { queued: 0, planning: 0, planned: 1, applying: 2 };
  const rank = (state) => order[state] ?? 3;
  const marks = {
    done: ["done", "✓", "done"],
    failed: ["failed", "✗", "failed"],
    skipped: ["skipped", "–", "skipped"],
    unchanged: ["unchanged", "○", "left out"],
  };

  const listen = (address) => {
    const source = new EventSource(address);
    const outcomes = new Map();
    // Events are told from the beginning: those of an earlier state are past.
    let told = main.dataset.state;
    const on = (name, act) => source.addEventListener(name, (event) => act(JSON.parse(event.data)));

    on("state", ({ state }) => {
      told = state;
      if (rank(state) > rank(main.dataset.state)) {
        source.close();
        location.reload();
      } else if (rank(state) === 3) {
        source.close();
      }
    });
    on("progress", ({ phase, done, total }) => {
      if (rank(told) < rank(main.dataset.state)) return;
      const text = byId("phase");
      const bar = byId("bar");
      if (!text || !bar) return;
      if (main.dataset.state === "applying") {
        // The rows themselves are counted below.
        text.textContent = phase;
        return;
      }
      text.textContent = total > 0 ? `${phase} (${done} of ${total})` : phase;
      if (total > 0) {
        bar.max = total;
        bar.value = done;
      } else {
        bar.removeAttribute("value");
      }
    });
    on("operations", (rows) => {
      if (main.dataset.state !== "applying") return;
      for (const row of rows) {
        outcomes.set(row.id, row.outcome);
        show(row);
      }
      const counts = { done: 0, failed: 0, skipped: 0, unchanged: 0 };
      for (const outcome of outcomes.values()) counts[outcome] += 1;
      const settled = counts.done + counts.failed + counts.skipped;
      byId("done").textContent = counts.done;
      byId("failed").textContent = counts.failed;
      byId("skipped").textContent = counts.skipped;
      byId("settled").textContent = settled;
      byId("bar").value = settled;
    });
    return source;
  };

  const show = ({ id, outcome, message }) => {
    const row = document.querySelector(`[data-op="${CSS.escape(id)}"]`);
    const mark = row?.querySelector("[data-mark]");
    if (!mark) return;
    const [kind, sign, word] = marks[outcome] ?? marks.skipped;
    mark.className = `mark-of ${kind}`;
    mark.textContent = `${sign} ${word}`;
    let note = row.querySelector(".note.live");
    if (message && !note) {
      note = document.createElement("p");
      note.className = "more note blocked live";
      row.append(note);
    }
    if (note) note.textContent = message ?? "";
  };

  if (main?.dataset.events) {
    // Browsers keep few connections to one host: a page that nobody sees gives its own back.
    let source = null;
    const follow = () => {
      if (document.hidden) {
        source?.close();
        source = null;
      } else if (!source) {
        source = listen(main.dataset.events);
      }
    };
    document.addEventListener("visibilitychange", follow);
    window.addEventListener("pagehide", () => source?.close());
    follow();
  }
})();
