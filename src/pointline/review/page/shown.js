// Samples as marks to draw, and spans that are pointed at together on both sides.
import { Drawn } from "./draw.js";
import { pairs } from "./links.js";

// Spans as marks; what relations and events stand on is shown too where no entity is.
export function marks(sample, names, keyOf = (place) => `e${place}`) {
  const found = [];
  const seen = new Set();
  const add = (span, name, key, kind) => {
    const colour = names.colour(name);
    const pieces = span.fragments ?? [[span.start, span.end]];
    for (const [start, end] of pieces) found.push({ start, end, name, colour, key, kind });
  };
  (sample.entities ?? []).forEach((entity, place) => {
    seen.add(`${entity.start}:${entity.end}`);
    add(entity, entity.type, keyOf(place), "");
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

export function hover(key) {
  for (const old of document.querySelectorAll(".together")) old.classList.remove("together");
  if (!key) return;
  for (const found of document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)) found.classList.add("together");
}

// The original, drawn with the keys of the translation's spans that belong to its own.
export function paintSource(pane, { view, sample }, kinds, names) {
  if (!view.source) return;
  const found = pairs(view.source, sample, kinds, view.repairs);
  const back = new Map([...found].map(([target, source]) => [source, target]));
  const keyOf = (place) => (back.has(place) ? `e${back.get(place)}` : `s${place}`);
  new Drawn(pane, view.source.text, marks(view.source, names, keyOf));
}
