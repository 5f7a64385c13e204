// The review page put together.
import { actions } from "./acts.js";
import { Clock } from "./clock.js";
import { Desk } from "./desk.js";
import { Drawn } from "./draw.js";
import { listen } from "./keys.js";
import { Marking } from "./marking.js";
import { Names } from "./names.js";
import { Panels, words } from "./panels.js";
import { element, settle } from "./pick.js";
import { hover, marks, paintSource } from "./shown.js";
import { Way, said } from "./way.js";
import { Wire } from "./wire.js";

const at = (id) => document.getElementById(id);
const state = JSON.parse(at("state").textContent);
const names = new Names(state);
const wire = new Wire(state);
const desk = new Desk(wire, { conflicts: (found) => settle(found, words) });
const acts = {};
const small = (pane, sample, odd) => {
  const drawn = marks(sample, names, () => "");
  new Drawn(
    pane,
    sample.text,
    drawn.map((mark) => (!mark.kind && odd(mark) ? { ...mark, kind: "odd" } : mark)),
  );
};
const panels = new Panels(desk, names, acts, { count: state.count, show: small });
const marking = new Marking(at("target-text"), desk, { marks: (sample) => marks(sample, names), hover });
const way = new Way(desk, wire, new Clock());
Object.assign(acts, actions(desk, marking, names, way, panels));

// A button for each of the first nine types.
function paintTypes() {
  const buttons = names
    .list("entities")
    .slice(0, 9)
    .map((name, place) => {
      const key = element("kbd", { textContent: place + 1 });
      const made = element("button", { type: "button", className: "type" }, key, panels.chip(name));
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

// Edits of other items that a lost connection or a closed window left behind.
async function sendLeft() {
  for (const pos of wire.left()) {
    if (pos === desk.view.pos) continue;
    try {
      const saved = await wire.ask(`/api/items/${pos}/versions`, wire.kept(pos));
      wire.forget(pos);
      const torn = saved.conflicts?.length;
      said(torn ? `A change of item ${pos} is in conflict with another.` : `Unsaved changes of item ${pos} are saved.`);
    } catch (fault) {
      if (fault.status === 422) wire.forget(pos);
    }
  }
}

desk.addEventListener("opened", () => {
  at("source-text").lang = desk.view.source?.lang ?? "";
  at("target-text").lang = desk.sample.lang ?? "";
});
for (const event of ["opened", "edited"]) {
  desk.addEventListener(event, () => {
    paintSource(at("source-text"), desk, state.kinds, names);
    if (at("types").childElementCount !== Math.min(9, names.list("entities").length) + 1) paintTypes();
  });
}
desk.addEventListener("said", (event) => said(event.detail));
desk.addEventListener("state", ({ detail }) => {
  at("saved").textContent = detail.text;
  at("saved").classList.toggle("fault", detail.bad);
});
at("source-text").addEventListener("pointermove", (event) => hover(event.target.closest("mark")?.dataset.key));
for (const pane of ["source-text", "target-text"]) at(pane).addEventListener("pointerleave", () => hover(null));
// a press on a button must not take the selection away
at("work").addEventListener("mousedown", (event) => event.target.closest("button") && event.preventDefault());
for (const made of document.querySelectorAll("[data-act]")) {
  made.addEventListener("click", () => acts[made.dataset.act]());
}

listen(acts, marking);
way.opened({ view: state.view, progress: state.progress });
sendLeft();
performance.mark("ready");
document.documentElement.dataset.ready = "1";
