// What stands around the text: labels, spans, relations, events, reasons, repairs, notes, history, others' results.
import { drop, dropArgument, dropEntity } from "./edit.js";
import { element } from "./pick.js";

const at = (id) => document.getElementById(id);
const place = ({ type, start, end }) => `${type} ${start} ${end}`;
const time = (seconds) => new Date(seconds * 1000).toLocaleString([], { dateStyle: "short", timeStyle: "short" });

export const words = (field, value) => {
  if (value === null || value === undefined) return "not annotated";
  if (!Array.isArray(value)) return String(value);
  return (
    value
      .map((one) => {
        if (typeof one === "string") return one;
        if (field === "relations") return `${one.type}: ${one.head.text} → ${one.tail.text}`;
        if (field === "events") return `${one.type}: ${one.trigger?.text ?? "-"}`;
        return `${one.type}: ${one.text} (${one.start ?? "-"}–${one.end ?? "-"})`;
      })
      .join("; ") || "nothing"
  );
};

export class Panels {
  constructor(desk, names, acts, { count, show }) {
    this.desk = desk;
    this.names = names;
    this.acts = acts;
    this.count = count;
    this.show = show; // draws a sample that nobody works on
    for (const event of ["opened", "edited", "chosen"]) desk.addEventListener(event, () => this.paint(event));
  }

  chip(name, more = "") {
    return element("span", { className: `chip c${this.names.colour(name)} ${more}`, textContent: name });
  }

  paint(event) {
    const { sample, view } = this.desk;
    if (event === "opened") this.#head(view);
    if (event !== "chosen") {
      this.#labels(at("target-labels"), sample.labels, true);
      this.#relations(sample);
      this.#events(sample);
    }
    this.#entities(sample);
    at("fix").disabled = !view.writable || !this.desk.changed;
    at("accept").disabled = !view.writable || this.desk.changed;
    for (const id of ["reject", "skip", "flag"]) at(id).disabled = !view.writable;
    at("undo").disabled = !this.desk.past.length;
    at("redo").disabled = !this.desk.future.length;
  }

  #head(view) {
    at("place").textContent = `${view.pos.toLocaleString("en")} of ${this.count.toLocaleString("en")}`;
    at("item-id").textContent = view.id;
    const status = at("status");
    status.textContent = view.reason ? `${view.status}: ${view.reason}` : view.status;
    status.className = `label ${view.status}`;
    at("source").hidden = !view.source;
    at("sides").classList.toggle("two", Boolean(view.source));
    at("target-title").textContent = view.source ? "Translation" : "Text";
    this.#why(view);
    if (view.source) this.#labels(at("source-labels"), view.source.labels, false);
    this.#notes(view);
    this.#history(view);
    this.#blind(view);
  }

  #why(view) {
    const parts = view.reasons.map((reason) =>
      element("li", { className: "reason", textContent: reason.replaceAll("_", " ") }),
    );
    for (const { what, source, target } of view.repairs) {
      const said =
        source || target
          ? `${what.replaceAll("_", " ")}: ${source || "-"} → ${target || "-"}`
          : what.replaceAll("_", " ");
      parts.push(element("li", { className: "repair", textContent: said }));
    }
    at("why").replaceChildren(...parts);
    at("why").hidden = !parts.length;
  }

  #labels(place, labels, editable) {
    const parts = (labels ?? []).map((label) => element("span", { className: "label", textContent: label }));
    if (!labels) parts.push(element("span", { className: "note", textContent: editable ? "no label annotated" : "" }));
    if (editable) parts.push(this.#button("Label", "l", this.acts.label));
    place.replaceChildren(...parts);
  }

  #button(text, key, act, title = "") {
    const made = element("button", { type: "button", className: "small", title }, text);
    if (key) made.append(element("kbd", { textContent: key }));
    made.addEventListener("click", act);
    return made;
  }

  #cross(said, act) {
    const made = element("button", {
      type: "button",
      className: "cross",
      "aria-label": `delete ${said}`,
      textContent: "×",
    });
    made.addEventListener("click", (event) => {
      event.stopPropagation();
      act();
    });
    return made;
  }

  #entities(sample) {
    const { desk } = this;
    const rows = (sample.entities ?? []).map((entity, place) => {
      const said = `${entity.type}: ${entity.text}`;
      const chosen = desk.chosen === entity;
      const name = element(
        "button",
        { type: "button", className: "row", "aria-pressed": String(chosen) },
        this.chip(entity.type),
        element("span", { className: "words", textContent: entity.text }),
      );
      if (entity.start === null) name.append(element("small", { className: "lost", textContent: "not in the text" }));
      if (entity.score !== undefined && entity.score !== null)
        name.append(element("small", { textContent: entity.score.toFixed(2) }));
      name.addEventListener("click", () => desk.choose(entity));
      const row = element(
        "li",
        { className: chosen ? "chosen" : "" },
        name,
        this.#cross(said, () => desk.edit(dropEntity(desk.sample, entity))),
      );
      row.dataset.key = `e${place}`;
      row.addEventListener("pointerenter", () => this.acts.hover(`e${place}`));
      row.addEventListener("pointerleave", () => this.acts.hover(null));
      return row;
    });
    if (!rows.length)
      rows.push(
        element("li", { className: "note", textContent: sample.entities ? "no spans" : "spans are not annotated" }),
      );
    at("entities").replaceChildren(...rows);
    at("entity-count").textContent = sample.entities?.length ?? "";
    at("entities").querySelector("li.chosen")?.scrollIntoView({ block: "nearest" });
  }

  #relations(sample) {
    const { desk } = this;
    at("relations").replaceChildren(
      ...(sample.relations ?? []).map((one) => {
        const kind = element(
          "button",
          { type: "button", className: "row", title: "change its type" },
          this.chip(one.type),
          element("span", { className: "words", textContent: `${one.head.text} → ${one.tail.text}` }),
        );
        kind.addEventListener("click", () => this.acts.retype("relations", one));
        return element(
          "li",
          {},
          kind,
          this.#cross(words("relations", [one]), () => desk.edit(drop(desk.sample, "relations", one))),
        );
      }),
    );
  }

  #events(sample) {
    const { desk } = this;
    at("events").replaceChildren(
      ...(sample.events ?? []).map((one) => {
        const kind = element(
          "button",
          { type: "button", className: "row", title: "change its type" },
          this.chip(one.type),
          element("span", { className: "words", textContent: one.trigger?.text ?? "no trigger" }),
        );
        kind.addEventListener("click", () => this.acts.retype("events", one));
        const row = element(
          "li",
          {},
          kind,
          this.#cross(words("events", [one]), () => desk.edit(drop(desk.sample, "events", one))),
        );
        const roles = (one.arguments ?? []).map((argument) =>
          element(
            "li",
            {},
            this.chip(argument.role),
            element("span", { className: "words", textContent: argument.text }),
            this.#cross(`${argument.role}: ${argument.text}`, () =>
              desk.edit(dropArgument(desk.sample, one, argument)),
            ),
          ),
        );
        if (roles.length) row.append(element("ul", {}, ...roles));
        return row;
      }),
    );
  }

  #notes(view) {
    const rows = view.notes.map((note) =>
      element(
        "li",
        {},
        element("small", { textContent: `${note.author}, ${time(note.time)} ` }),
        element("span", { textContent: note.text }),
      ),
    );
    at("notes").replaceChildren(...rows);
  }

  #history(view) {
    const rows = view.history.map((one) =>
      element(
        "li",
        {},
        element("small", { textContent: time(one.time) }),
        ` ${one.author || "(blind work)"}: ${one.what}${one.reason ? ` – ${one.reason}` : ""}`,
      ),
    );
    at("history").replaceChildren(...rows);
    at("history-box").hidden = !rows.length;
  }

  // Each result with what is not in all of them marked as odd.
  #blind(view) {
    const parts = ({ sample }) => [...(sample.labels ?? []), ...(sample.entities ?? []).map(place)];
    const common = (part) => view.blind.every((one) => parts(one).includes(part));
    const boxes = view.blind.map((one, at_) => {
      const text = element("p", { className: "text", lang: view.sample.lang ?? "" });
      this.show(text, one.sample, (mark) => !common(place({ ...mark, type: mark.name })));
      const take = this.#button("Take this", `Alt+${at_ + 1}`, () => this.acts.adopt(at_));
      take.disabled = !view.writable;
      const reason = one.reason ? `${one.status}: ${one.reason}` : one.status;
      const labels = (one.sample.labels ?? []).map((label) =>
        element("span", { className: common(label) ? "label" : "label odd", textContent: label }),
      );
      const status = element("span", { className: `label ${one.status}`, textContent: reason });
      const said = element("p", { className: "labels" }, element("b", { textContent: one.author }), status);
      said.append(...labels, take);
      return element("article", {}, said, text);
    });
    at("blind").replaceChildren(...boxes);
    at("blind-box").hidden = !boxes.length;
  }
}
