// The review page put together: what is shown, what can be done, and where it goes next.
import * as edit from "./edit.js";
import { Clock } from "./clock.js";
import { Desk } from "./desk.js";
import { Drawn } from "./draw.js";
import { pairs } from "./links.js";
import { help, listen } from "./keys.js";
import { Marking } from "./marking.js";
import { Panels, words } from "./panels.js";
import { element, pick, settle, write } from "./pick.js";
import { Wire } from "./wire.js";

const at = (id) => document.getElementById(id);
const state = JSON.parse(at("state").textContent);
const wire = new Wire(state);
const clock = new Clock();
const desk = new Desk(wire, { conflicts: (found) => settle(found, words) });
const queue = []; // ranks of the items before, to go back to

function said(text, bad = false) {
  at("said").textContent = text;
  at("said").classList.toggle("fault", bad);
}

// Spans as marks; what relations and events stand on is shown too where no entity is.
function marks(sample, link = () => null) {
  const found = [];
  const seen = new Set();
  const add = (span, name, key, kind) => {
    const colour = panels.colour(name);
    for (const [start, end] of span.fragments ?? [[span.start, span.end]])
      found.push({ start, end, name, colour, key, kind });
  };
  (sample.entities ?? []).forEach((entity, place) => {
    seen.add(`${entity.start}:${entity.end}`);
    add(entity, entity.type, link(place) ?? `e${place}`, "");
  });
  const more = (span, name, key) => {
    if (!span || span.start === null || seen.has(`${span.start}:${span.end}`)) return;
    seen.add(`${span.start}:${span.end}`);
    add(span, name, key, "thin");
  };
  (sample.relations ?? []).forEach((one, place) => {
    more(one.head, one.head.type ?? one.type, `r${place}`);
    more(one.tail, one.tail.type ?? one.type, `r${place}`);
  });
  (sample.events ?? []).forEach((one, place) => {
    more(one.trigger, one.type, `v${place}`);
    for (const argument of one.arguments ?? []) more(argument, argument.role, `v${place}`);
  });
  return found;
}

let pairing = new Map();

function hover(key) {
  for (const old of document.querySelectorAll(".together")) old.classList.remove("together");
  if (!key) return;
  for (const found of document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)) found.classList.add("together");
}

// The original is drawn with the keys of the spans that belong to its own.
function paintSource() {
  const { view, sample } = desk;
  if (!view.source) return;
  pairing = pairs(view.source, sample, state.kinds, view.repairs);
  const back = new Map([...pairing].map(([target, source]) => [source, target]));
  new Drawn(
    at("source-text"),
    view.source.text,
    marks(view.source, (place) => (back.has(place) ? `e${back.get(place)}` : `s${place}`)),
  );
}

const names = (level) => state.names[level];
const options = (list) =>
  list.map((name) => ({ value: name, label: name, about: state.names.about[name], colour: panels.colour(name) }));
const plain = (list) => list.map((name) => ({ value: name, label: name, about: state.names.about[name] }));

function learn(level, name) {
  if (name && !names(level).includes(name)) {
    names(level).push(name);
    if (level === "entities") paintTypes();
  }
  return name;
}

async function span(title) {
  const found = marking.selected();
  if (found) return edit.spanAt(desk.sample, ...found);
  const entities = desk.sample.entities ?? [];
  const list = entities.map((one, place) => ({ value: place, label: one.text, about: one.type }));
  const place = await pick(title, list);
  return place === null ? null : entities[place];
}

function progress(counts) {
  const all = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const done = all - (counts.open ?? 0) - (counts.waiting ?? 0) - (counts.disputed ?? 0);
  at("progress").value = done;
  at("progress").max = all || 1;
  at("progress-said").textContent = `${done.toLocaleString("en")} of ${all.toLocaleString("en")} done`;
}

function opened(answer) {
  if (answer.progress) progress(answer.progress);
  if (!answer.view) return said("Nothing is left here. Other items: find and filter, or jump.");
  said("");
  clock.restart();
  desk.open(answer.view);
  history.replaceState(null, "", `?item=${encodeURIComponent(answer.view.id)}`);
  scrollTo(0, 0);
  return null;
}

let busy = false; // one way at a time: a key pressed twice must not decide about an item that nobody has seen

async function alone(work) {
  if (busy) return;
  busy = true;
  try {
    await work();
  } finally {
    busy = false;
  }
}

async function go(path) {
  try {
    if (desk.dirty) await desk.save();
    const before = desk.view.rank;
    const told = await wire.ask(path);
    const answer = told.pos === undefined ? told : { view: told };
    if (answer.view && answer.view.rank !== before && !path.includes("back=1")) queue.push(before);
    opened(answer);
  } catch (fault) {
    said(fault.message, true);
  }
}

const filter = () => new URLSearchParams([...new FormData(at("filter"))].filter(([, value]) => value.trim()));

// The newest version, the fault that led here still told.
async function again(pos) {
  const told = at("said").textContent;
  await go(`/api/items/${pos}`);
  said(told, true);
}

const decide = (verdict, reason = "") => alone(() => decided(verdict, reason));

async function decided(verdict, reason) {
  const { view } = desk;
  try {
    await desk.save();
    const body = { version: desk.base, verdict, reason, seconds: clock.seconds };
    const after = await wire.ask(`/api/items/${view.pos}/decisions`, body);
    if (verdict === "reopen") return opened({ view: after });
    return await onward();
  } catch (fault) {
    said(fault.message, true);
    if (fault.status === 409) await again(view.pos);
    return null;
  }
}

function onward() {
  const wanted = filter();
  const { rank } = desk.view;
  return go(wanted.size ? `/api/step?${wanted}&rank=${rank}` : `/api/next?after=${rank}`);
}

const acts = {
  hover,
  help,
  accept: () =>
    desk.changed
      ? said("You have changed it: Fix (f) keeps your changes, undo (u) takes them back.")
      : decide("accept"),
  fix: () => (desk.changed ? decide("fix") : said("Nothing has been changed; accept (a) says that it is right.")),
  done: () => decide("accept"),
  skip: () => decide("skip"),
  reopen: () => decide("reopen"),
  async reject() {
    const reasons = [
      "wrong language",
      "not a translation",
      "wrong label",
      "wrong spans",
      "not understandable",
      "harmful or private",
    ];
    const reason = await pick("Why is it rejected?", plain(reasons), { fresh: true });
    if (reason) await decide("reject", reason);
  },
  async flag() {
    const reason = await write("What should somebody look at?", { hint: "May stay empty." });
    if (reason !== null) await decide("flag", reason);
  },
  next: () => alone(onward),
  previous: () => {
    const wanted = filter();
    const last = queue.pop();
    const rank = last === undefined || wanted.size ? desk.view.rank : last + 1;
    return alone(() => go(`/api/step?${wanted}&rank=${rank}&back=1`));
  },
  undo: () => desk.undo(),
  redo: () => desk.redo(),
  clear() {
    document.getSelection().removeAllRanges();
    document.activeElement?.blur();
    desk.choose(null);
  },
  remove: () => desk.chosen && desk.edit(edit.dropEntity(desk.sample, desk.chosen)),
  place: () => marking.place() || said("Choose a span (j) and select the words that it shall stand on."),
  number(place) {
    const name = names("entities")[place - 1];
    if (name && !marking.type(name)) said("Select words, or choose a span (j), before you give a type.");
  },
  async type() {
    const found = marking.selected();
    if (!found && !desk.chosen) return said("Select words, or choose a span (j), before you give a type.");
    const name = learn("entities", await pick("Type", options(names("entities")), { fresh: true }));
    if (found) marking.drawn.select(...found);
    return name && marking.type(name);
  },
  async label() {
    const name = learn("labels", await pick("Label of the whole text", plain(names("labels")), { fresh: true }));
    if (name) desk.edit(edit.setLabels(desk.sample, [name]), desk.chosen);
  },
  async toggle() {
    const name = learn("labels", await pick("Add or remove a label", plain(names("labels")), { fresh: true }));
    if (name) desk.edit(edit.toggleLabel(desk.sample, name), desk.chosen);
  },
  async relation() {
    const head = desk.chosen ?? (await span("From which span?"));
    const tail = head && (await span(`From ${head.text} to which span?`));
    const kind =
      tail &&
      learn("relations", await pick(`${head.text} → ${tail.text}`, options(names("relations")), { fresh: true }));
    if (kind) desk.edit(edit.addRelation(desk.sample, kind, head, tail), desk.chosen);
  },
  async event() {
    const found = marking.selected();
    const trigger = found
      ? edit.spanAt(desk.sample, ...found)
      : desk.chosen && { text: desk.chosen.text, start: desk.chosen.start, end: desk.chosen.end };
    const title = trigger ? `Event at “${trigger.text}”` : "Event without a trigger";
    const kind = learn("events", await pick(title, options(names("events")), { fresh: true }));
    if (kind) desk.edit(edit.addEvent(desk.sample, kind, trigger ?? null), desk.chosen);
  },
  async argument() {
    const events = desk.sample.events ?? [];
    if (!events.length) return said("There is no event yet; v adds one.");
    const found = marking.selected();
    const filler = found ? edit.spanAt(desk.sample, ...found) : (desk.chosen ?? (await span("Which span?")));
    if (!filler) return null;
    const list = events.map((one, place) => ({ value: place, label: one.type, about: one.trigger?.text ?? "" }));
    const place = events.length === 1 ? 0 : await pick("Of which event?", list);
    if (place === null) return null;
    const role = await pick(`Role of “${filler.text}”`, options(state.names.roles[events[place].type] ?? []), {
      fresh: true,
    });
    return role && desk.edit(edit.addArgument(desk.sample, events[place], role, filler), desk.chosen);
  },
  async retype(level, piece) {
    const kind = learn(level, await pick("Type", options(names(level)), { fresh: true }));
    if (kind) desk.edit(edit.replace(desk.sample, level, piece, { ...piece, type: kind }), desk.chosen);
  },
  async text() {
    const hint = "Spans go along with their words.";
    const made = await write("The text", { value: desk.sample.text, long: true, hint, wanted: true });
    // a text area knows line feeds only: other line ends stay as they are unless something was changed
    if (made !== null && made !== desk.sample.text.replace(/\r\n?/g, "\n")) desk.edit(edit.setText(desk.sample, made));
  },
  async note() {
    const text = await write("Note", { long: true, wanted: true });
    if (!text) return;
    try {
      desk.view = { ...desk.view, notes: (await wire.ask(`/api/items/${desk.view.pos}/notes`, { text })).notes };
      panels.paint("opened");
    } catch (fault) {
      said(fault.message, true);
    }
  },
  adopt(place) {
    const other = desk.view.blind[place];
    if (other)
      desk.edit({
        ...desk.sample,
        ...Object.fromEntries(
          ["text", "labels", "entities", "relations", "events"].map((level) => [level, other.sample[level] ?? null]),
        ),
      });
  },
  show: (pane, sample) =>
    new Drawn(
      pane,
      sample.text,
      marks(sample).map((mark) => ({ ...mark, key: "" })),
    ),
  find() {
    at("filter-box").open = true;
    at("filter").elements.text.focus();
  },
  async jump() {
    const told = await write("Jump to", { hint: "A number or an id.", wanted: true, ready: "Go" });
    if (told) await alone(() => go(`/api/jump?to=${encodeURIComponent(told)}`));
  },
};

const panels = new Panels(desk, state, acts);
const marking = new Marking(at("target-text"), desk, { marks: (sample) => marks(sample), hover });

function paintTypes() {
  const buttons = names("entities")
    .slice(0, 9)
    .map((name, place) => {
      const made = element(
        "button",
        { type: "button", className: "type" },
        element("kbd", { textContent: place + 1 }),
        panels.chip(name),
      );
      made.addEventListener("click", () => acts.number(place + 1));
      return made;
    });
  const more = element(
    "button",
    { type: "button", className: "small" },
    "other type",
    element("kbd", { textContent: "t" }),
  );
  more.addEventListener("click", () => acts.type());
  at("types").replaceChildren(...buttons, more);
}

async function list() {
  const wanted = filter();
  if (!wanted.size) return at("found").replaceChildren();
  try {
    const { count, rows } = await wire.ask(`/api/find?${wanted}`);
    const more =
      count > rows.length
        ? [
            element("li", {
              className: "note",
              textContent: `and ${(count - rows.length).toLocaleString("en")} more; Next (n) goes through them`,
            }),
          ]
        : [];
    const lines = rows.map((row) => {
      const link = element(
        "a",
        { href: `?item=${encodeURIComponent(row.id)}` },
        element("b", { textContent: `${row.pos} ` }),
        element("span", { textContent: row.text }),
      );
      link.addEventListener("click", (event) => {
        event.preventDefault();
        alone(() => go(`/api/jump?to=${encodeURIComponent(row.id)}`));
      });
      return element("li", {}, link, element("small", { className: "note", textContent: ` ${row.status}` }));
    });
    return at("found").replaceChildren(
      element("li", { className: "note", textContent: `${count.toLocaleString("en")} found` }),
      ...lines,
      ...more,
    );
  } catch (fault) {
    return said(fault.message, true);
  }
}

let waiting = 0;
at("filter").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(list, 200);
});
at("filter").addEventListener("submit", (event) => {
  event.preventDefault();
  list();
});
at("filter").addEventListener("reset", () => setTimeout(list));
at("source-text").addEventListener("pointermove", (event) => hover(event.target.closest("mark")?.dataset.key ?? null));
for (const pane of ["source-text", "target-text"]) at(pane).addEventListener("pointerleave", () => hover(null));
// a press on a button must not take the selection away
at("work").addEventListener("mousedown", (event) => event.target.closest("button") && event.preventDefault());
for (const made of document.querySelectorAll("[data-act]"))
  made.addEventListener("click", () => acts[made.dataset.act]());

desk.addEventListener("opened", paintSource);
desk.addEventListener("edited", paintSource);
desk.addEventListener("said", (event) => said(event.detail));
desk.addEventListener("state", ({ detail }) => {
  at("saved").textContent = detail.text;
  at("saved").classList.toggle("fault", detail.bad);
});
desk.addEventListener("opened", () => {
  for (const [id, sample] of [
    ["source-text", desk.view.source],
    ["target-text", desk.sample],
  ])
    at(id).lang = sample?.lang ?? "";
  paintTypes();
});

// Edits of other items that a lost connection or a closed window left behind.
async function sendLeft() {
  for (const pos of wire.left()) {
    if (pos === desk.view.pos) continue;
    const kept = wire.kept(pos);
    try {
      const saved = await wire.ask(`/api/items/${pos}/versions`, kept);
      wire.forget(pos);
      said(
        saved.conflicts?.length
          ? `A change of item ${pos} is in conflict with another; look at it again.`
          : `Changes of item ${pos} that had not been saved are saved now.`,
      );
    } catch (fault) {
      if (fault.status === 422) wire.forget(pos);
    }
  }
}

listen(acts, marking);
progress(state.progress);
opened({ view: state.view });
sendLeft();
performance.mark("ready");
document.documentElement.dataset.ready = "1";
