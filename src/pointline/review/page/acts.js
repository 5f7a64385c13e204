// Everything that a key or a button can do to the item on the desk.
import * as edit from "./edit.js";
import { help } from "./keys.js";
import { pick, write } from "./pick.js";
import { hover } from "./shown.js";
import { said } from "./way.js";

const REASONS = ["wrong language", "not a translation", "wrong label", "wrong spans", "not understandable", "private"];
const FIRST = "Select words, or choose a span (j), before you give a type.";
const LEVELS = ["text", "labels", "entities", "relations", "events"];

export function actions(desk, marking, names, way, panels) {
  const { wire } = desk;
  const fresh = { fresh: true };

  async function name(level, title) {
    const list = names.list(level);
    const known = level === "labels" ? names.plain(list) : names.coloured(list);
    return names.learn(level, await pick(title, known, fresh));
  }

  async function listed(title) {
    const entities = desk.sample.entities ?? [];
    const list = entities.map((one, place) => ({ value: place, label: one.text, about: one.type }));
    const place = await pick(title, list);
    return place === null ? null : entities[place];
  }

  // What is selected, else the chosen span, else one from a list.
  async function span(title) {
    const found = marking.selected();
    return found ? edit.spanAt(desk.sample, ...found) : (desk.chosen ?? listed(title));
  }

  const deciding = {
    accept: () =>
      desk.changed
        ? said("You have changed it: Fix (f) keeps your changes, undo (u) takes them back.")
        : way.decide("accept"),
    fix: () => (desk.changed ? way.decide("fix") : said("Nothing has been changed; accept (a) says that it is right.")),
    done: () => way.decide("accept"),
    skip: () => way.decide("skip"),
    reopen: () => way.decide("reopen"),
    async reject() {
      const reason = await pick("Why is it rejected?", names.plain(REASONS), fresh);
      if (reason) await way.decide("reject", reason);
    },
    async flag() {
      const reason = await write("What should somebody look at?", { hint: "May stay empty." });
      if (reason !== null) await way.decide("flag", reason);
    },
    next: () => way.next(),
    previous: () => way.previous(),
    async jump() {
      const told = await write("Jump to", { hint: "A number or an id.", wanted: true, ready: "Go" });
      if (told) await way.jump(told);
    },
    find() {
      document.getElementById("filter-box").open = true;
      document.getElementById("filter").elements.text.focus();
    },
  };

  const spans = {
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
      const found = names.list("entities")[place - 1];
      if (found && !marking.type(found)) said(FIRST);
    },
    async type() {
      const found = marking.selected();
      if (!found && !desk.chosen) return said(FIRST);
      const kind = await name("entities", "Type");
      if (found) marking.drawn.select(...found);
      return kind && marking.type(kind);
    },
  };

  const levels = {
    async label() {
      const found = await name("labels", "Label of the whole text");
      if (found) desk.edit(edit.setLabels(desk.sample, [found]), desk.chosen);
    },
    async toggle() {
      const found = await name("labels", "Add or remove a label");
      if (found) desk.edit(edit.toggleLabel(desk.sample, found), desk.chosen);
    },
    async relation() {
      const head = await span("From which span?");
      const tail = head && (await listed(`From ${head.text} to which span?`));
      const kind = tail && (await name("relations", `${head.text} → ${tail.text}`));
      if (kind) desk.edit(edit.addRelation(desk.sample, kind, head, tail), desk.chosen);
    },
    async event() {
      const found = marking.selected();
      const { text, start, end } = found ? edit.spanAt(desk.sample, ...found) : (desk.chosen ?? {});
      const kind = await name("events", text ? `Event at “${text}”` : "Event without a trigger");
      if (kind) desk.edit(edit.addEvent(desk.sample, kind, text ? { text, start, end } : null), desk.chosen);
    },
    async argument() {
      const events = desk.sample.events ?? [];
      if (!events.length) return said("There is no event yet; v adds one.");
      const filler = await span("Which span?");
      if (!filler) return null;
      const list = events.map((one, place) => ({ value: place, label: one.type, about: one.trigger?.text ?? "" }));
      const event = events[events.length === 1 ? 0 : await pick("Of which event?", list)];
      if (!event) return null;
      const role = await pick(`Role of “${filler.text}”`, names.coloured(names.roles(event.type)), fresh);
      return role && desk.edit(edit.addArgument(desk.sample, event, role, filler), desk.chosen);
    },
    async retype(level, piece) {
      const kind = await name(level, "Type");
      if (kind) desk.edit(edit.replace(desk.sample, level, piece, { ...piece, type: kind }), desk.chosen);
    },
    async text() {
      const hint = "Spans go along with their words.";
      const made = await write("The text", { value: desk.sample.text, long: true, hint, wanted: true });
      // a text area knows line feeds only: other line ends stay as they are unless something was changed
      const same = made === null || made === desk.sample.text.replace(/\r\n?/g, "\n");
      if (!same) desk.edit(edit.setText(desk.sample, made));
    },
    async note() {
      const text = await write("Note", { long: true, wanted: true });
      if (!text) return;
      try {
        const { notes } = await wire.ask(`/api/items/${desk.view.pos}/notes`, { text });
        desk.view = { ...desk.view, notes };
        panels.paint("opened");
      } catch (fault) {
        said(fault.message, true);
      }
    },
    adopt(place) {
      const result = desk.view.blind[place]?.sample;
      if (result) desk.edit({ ...desk.sample, ...Object.fromEntries(LEVELS.map((one) => [one, result[one] ?? null])) });
    },
  };
  return { hover, help, ...deciding, ...spans, ...levels };
}
