// amigo's pages work without this file; with it they live.
"use strict";

(() => {
  const main = document.querySelector("main");
  const byId = (id) => document.getElementById(id);

  // What became of operations while this page looked on.
  const outcomes = new Map();

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

  // ---- A full house: try again by itself ----
  for (const again of document.querySelectorAll("form[data-again]")) {
    const said = again.querySelector("[data-again-said]");
    let seconds = Number(again.dataset.again);
    const tick = () => {
      said.textContent = seconds > 0 ? `Tries again by itself in ${seconds} s` : "Trying again";
      if (seconds <= 0) {
        again.requestSubmit();
        return;
      }
      seconds -= 1;
      setTimeout(tick, 1000);
    };
    tick();
  }

  // ---- Ticks: what needs what ----
  const form = byId("plan");
  const apply = byId("apply");
  // A big plan's page holds a part of its boxes; then this is where all of them are told.
  const allTicks = form?.dataset.ticks;
  let boxes = null;
  let asked = null;

  const boxesOf = (told) => {
    const all = new Map();
    for (const { id, row, ticked, counted } of told) all.set(id, { id, row, ticked, counted, first: ticked, needs: [], neededBy: [] });
    for (const { id, needs } of told) {
      for (const other of needs) {
        if (!all.has(other)) continue;
        all.get(id).needs.push(all.get(other));
        all.get(other).neededBy.push(all.get(id));
      }
    }
    return all;
  };

  const shownBoxes = () => (form ? form.querySelectorAll("input.op") : []);

  // Every box of the plan, asked for when the first one is used.
  const known = () => {
    if (boxes) return Promise.resolve(boxes);
    asked ??= fetch(allTicks)
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
      .then((told) => {
        const rows = told.map(([id, row, ticked, needs, counted]) => ({ id, row, ticked, counted, needs: needs.map((place) => told[place][0]) }));
        boxes = boxesOf(rows);
        return boxes;
      })
      .finally(() => {
        asked = null;
      });
    return asked;
  };

  // Ticking carries over to what is needed, unticking to what needs it.
  const follow = (box) => {
    const waiting = [box];
    while (waiting.length) {
      const one = waiting.pop();
      for (const other of box.ticked ? one.needs : one.neededBy) {
        if (other.ticked !== box.ticked) {
          other.ticked = box.ticked;
          waiting.push(other);
        }
      }
    }
  };

  const count = () => {
    let ticked = 0;
    if (boxes) {
      for (const box of boxes.values()) if (box.ticked) ticked += 1;
    } else {
      ticked = Number(apply.dataset.count);
    }
    for (const shown of shownBoxes()) {
      const box = boxes?.get(shown.value);
      if (box) shown.checked = box.ticked;
      shown.closest("[data-op]").classList.toggle("off", !shown.checked);
    }
    if (boxes && allTicks) tellBranches();
    const typed = document.querySelector("[data-typed]");
    if (boxes && typed) {
      // Where nothing counts, nothing is typed.
      let counting = 0;
      for (const box of boxes.values()) if (box.ticked && box.counted) counting += 1;
      typed.textContent = counting;
      const label = typed.closest("label");
      label.hidden = counting === 0;
      const number = label.querySelector("input");
      number.required = counting > 0;
      number.disabled = counting === 0;
    }
    // Before all boxes are known, one of those that were not ticked at first may be.
    apply.disabled = ticked === 0 && !form.querySelector("input.op:checked");
    apply.textContent = ticked === 1 ? "Apply 1 change" : `Apply ${ticked} changes`;
  };

  // How much of each branch is ticked, opened or not.
  const tellBranches = () => {
    // Up to a row: how many boxes there are, and how many are ticked.
    const upTo = [[0, 0]];
    for (const { row, ticked } of boxes.values()) {
      while (upTo.length <= row + 1) upTo.push([...upTo.at(-1)]);
      upTo[row + 1][0] += 1;
      if (ticked) upTo[row + 1][1] += 1;
    }
    const at = (row) => upTo[Math.min(row, upTo.length - 1)];
    for (const closed of form.querySelectorAll(".closed")) {
      const told = closed.querySelector(":scope > .both > .told");
      if (!told) continue;
      const [from, to] = [at(Number(closed.dataset.from)), at(Number(closed.dataset.to))];
      told.textContent = `${to[1] - from[1]} of ${to[0] - from[0]} ticked`;
    }
  };

  // Boxes of a part of the list speak through this script, which knows the others.
  const take = (part) => {
    if (!allTicks) return;
    for (const shown of part.querySelectorAll("input.op")) {
      shown.disabled = false;
      shown.removeAttribute("name");
    }
  };

  const unreadable = () => {
    apply.disabled = true;
    apply.textContent = "Reload this page";
    say("The rest of this plan could not be read. Reload the page and try again.");
  };

  const say = (text) => {
    let note = byId("said");
    if (!note) {
      note = document.createElement("p");
      note.id = "said";
      note.className = "banner warning";
      note.setAttribute("role", "alert");
      apply.closest(".bar").before(note);
    }
    note.textContent = text;
  };

  if (form && apply) {
    if (!allTicks) {
      boxes = boxesOf(
        [...shownBoxes()].map((shown, row) => ({
          id: shown.value,
          row,
          ticked: shown.defaultChecked,
          counted: "counted" in shown.dataset,
          needs: (shown.dataset.needs ?? "").split(" "),
        })),
      );
      // A browser may have kept what was ticked before a reload.
      for (const shown of shownBoxes()) boxes.get(shown.value).ticked = shown.checked;
    }
    take(form);

    form.addEventListener("change", async (event) => {
      const shown = event.target;
      if (!shown.classList.contains("op")) return;
      const wanted = shown.checked;
      try {
        const box = (await known()).get(shown.value);
        box.ticked = wanted;
        follow(box);
        count();
      } catch {
        unreadable();
      }
    });
    form.addEventListener("submit", (event) => {
      if (asked) {
        // Somebody was quicker than the network: the press waits for what it is about.
        event.preventDefault();
        asked.then(() => setTimeout(() => form.requestSubmit(apply))).catch(unreadable);
        return;
      }
      if (allTicks && boxes) {
        for (const old of form.querySelectorAll("input.difference")) old.remove();
        for (const { id, ticked, first } of boxes.values()) {
          if (ticked === first) continue;
          const field = document.createElement("input");
          field.type = "hidden";
          field.className = "difference";
          field.name = ticked ? "tick" : "untick";
          field.value = id;
          form.append(field);
        }
      }
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

  // ---- Branches that are fetched when they are opened ----
  const fetched = async (address) => {
    const url = new URL(address, location.href);
    url.searchParams.set("part", "list");
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return answer.text();
  };

  // ---- Who is whom: one choice a person, wherever a list shows them ----
  const pairs = byId("pairs");
  const chosen = new Map();
  const picks = (part) => part.querySelectorAll("select[form=pairs]");
  const recall = (part) => {
    for (const pick of picks(part)) if (chosen.has(pick.name)) pick.value = chosen.get(pick.name);
  };
  if (pairs) {
    document.addEventListener("change", (event) => {
      const pick = event.target;
      if (!pick.matches("select[form=pairs]")) return;
      chosen.set(pick.name, pick.value);
      recall(document);
    });
    // Each person once, whether a list shows them twice or not any more.
    pairs.addEventListener("formdata", ({ formData }) => {
      for (const pick of picks(document)) formData.set(pick.name, pick.value);
      for (const [name, value] of chosen) formData.set(name, value);
    });
  }

  const fill = (list, html) => {
    list.innerHTML = html;
    recall(list);
    take(list);
    unfold(list);
    for (const row of outcomes.values()) show(row, list);
    if (form && apply) count();
  };

  // A closed branch is a link to its rows; with scripts it opens in its place.
  const unfold = (part) => {
    for (const closed of part.querySelectorAll(".closed")) {
      const link = closed.querySelector("a");
      if (!link || closed.querySelector("details")) continue;
      const address = link.href;
      const details = document.createElement("details");
      const summary = document.createElement("summary");
      summary.append(...link.childNodes);
      const list = document.createElement("ul");
      details.append(summary, list);
      link.replaceWith(details);
      details.addEventListener("toggle", async () => {
        if (!details.open || list.dataset.state) return;
        list.dataset.state = "asked";
        list.innerHTML = '<li class="row quiet">Reading…</li>';
        try {
          fill(list, await fetched(address));
          list.dataset.state = "here";
        } catch {
          list.innerHTML = '<li class="row note blocked">These rows could not be read. Close and open the branch to try again.</li>';
          delete list.dataset.state;
        }
      });
      if (form && apply && allTicks) closed.prepend(both(closed));
    }
  };

  // Ticks or unticks all that a branch would write, opened or not. What is only offered is ticked one by one.
  const both = (closed) => {
    const tools = document.createElement("span");
    tools.className = "both quiet";
    const told = document.createElement("span");
    told.className = "told";
    tools.append(told);
    for (const [word, ticked] of [["Tick all", true], ["Untick all", false]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "link";
      button.textContent = word;
      button.setAttribute("aria-label", `${word} of ${closed.querySelector(".name").textContent}`);
      button.addEventListener("click", async () => {
        const [from, to] = [Number(closed.dataset.from), Number(closed.dataset.to)];
        try {
          for (const box of (await known()).values()) {
            if (box.row < from || box.row >= to || box.ticked === ticked || (ticked && !box.first)) continue;
            box.ticked = ticked;
            follow(box);
          }
          count();
        } catch {
          unreadable();
        }
      });
      tools.append(button);
    }
    return tools;
  };

  // ---- Find a row ----
  const filter = byId("filter");
  const tree = byId("rows");
  const rows = [...document.querySelectorAll("#rows .row")];
  const found = byId("found");
  // Lists that narrow a tree down to a rule or a problem.
  const narrows = [...document.querySelectorAll("select[data-narrow]")];
  for (const button of document.querySelectorAll("[data-look]")) button.hidden = true;
  const heads = byId("heads");
  if (filter && found) {
    let waiting = 0;
    let latest = 0;
    const look = async () => {
      const wanted = filter.value.trim();
      latest += 1;
      const mine = latest;
      const narrowed = narrows.filter((list) => list.value !== "");
      if (wanted === "" && narrowed.length === 0) {
        found.hidden = true;
        tree.hidden = false;
        if (heads) heads.hidden = false;
        return;
      }
      const query = new URLSearchParams({ find: wanted });
      for (const list of narrowed) query.set(list.name, list.value);
      let html;
      try {
        html = await fetched(`${filter.dataset.find}?${query}`);
      } catch {
        html = '<li class="row note blocked">The rows could not be searched. Try again.</li>';
      }
      if (mine !== latest) return;
      fill(found, html.trim() || '<li class="row quiet">No row says that.</li>');
      found.hidden = false;
      tree.hidden = true;
      if (heads) heads.hidden = true;
    };
    filter.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(look, 250);
    });
    for (const list of narrows) list.addEventListener("change", look);
  } else if (filter && (rows.length > 12 || narrows.length > 0)) {
    filter.parentElement.hidden = false;
    const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const fits = (row) =>
      narrows.every(({ value, dataset: { narrow } }) => {
        if (value === "") return true;
        return narrow === "rule" ? row.dataset.rule === value : (row.dataset.problems ?? "").split(" ").includes(value);
      });
    const look = () => {
      const wanted = filter.value.trim().toLowerCase();
      for (const row of rows) row.hidden = !(words.get(row).includes(wanted) && fits(row));
      for (const fold of document.querySelectorAll(".tree .fold")) {
        fold.hidden = !fold.querySelector(".row:not([hidden])");
        fold.firstElementChild.open = wanted !== "" || narrows.some((list) => list.value !== "");
      }
    };
    filter.addEventListener("input", look);
    for (const list of narrows) list.addEventListener("change", look);
  }
  // Enter in the search box looks for a row; it does not apply the plan.
  filter?.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });

  // ---- Live ----
  const order = { queued: 0, planning: 0, planned: 1, applying: 2 };
  const rank = (state) => order[state] ?? 3;
  const marks = {
    done: ["done", "✓", "done"],
    failed: ["failed", "✗", "failed"],
    skipped: ["skipped", "–", "skipped"],
    unchanged: ["unchanged", "○", "left out"],
  };

  // Browsers keep what was in sight in its place, though another page is drawn. Who did not scroll wants to see what is
  // new, from its beginning.
  const anew = () => {
    if (scrollY === 0) history.scrollRestoration = "manual";
    location.reload();
  };
  addEventListener("scroll", () => { history.scrollRestoration = "auto"; }, { once: true });

  const listen = (address) => {
    const source = new EventSource(address);
    // Events are told from the beginning: those of an earlier state are past.
    let told = main.dataset.state;
    const on = (name, act) => source.addEventListener(name, (event) => act(JSON.parse(event.data)));

    on("state", ({ state }) => {
      told = state;
      if (rank(state) > rank(main.dataset.state)) {
        source.close();
        anew();
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
        outcomes.set(row.id, row);
        show(row);
      }
      const counts = { done: 0, failed: 0, skipped: 0, unchanged: 0 };
      for (const { outcome } of outcomes.values()) counts[outcome] += 1;
      const settled = counts.done + counts.failed + counts.skipped;
      byId("done").textContent = counts.done;
      byId("failed").textContent = counts.failed;
      byId("skipped").textContent = counts.skipped;
      byId("settled").textContent = settled;
      byId("bar").value = settled;
    });
    return source;
  };

  const show = ({ id, outcome, message }, part = document) => {
    for (const row of part.querySelectorAll(`[data-op="${CSS.escape(id)}"]`)) {
      const mark = row.querySelector("[data-mark]");
      if (!mark) continue;
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
    }
  };

  unfold(document);

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
