// What can be done to a sample: each function gives a new sample and leaves the old one as it is.
import { Points } from "./points.js";

const order = (a, b) =>
  (a.start === null) - (b.start === null) ||
  a.start - b.start ||
  a.end - b.end ||
  (a.type < b.type ? -1 : a.type > b.type ? 1 : 0);

const sorted = (entities) => [...entities].sort(order);

export function spanAt(sample, start, end) {
  return { text: new Points(sample.text).slice(start, end), start, end };
}

export function addEntity(sample, type, start, end) {
  const made = { type, ...spanAt(sample, start, end) };
  const held = (sample.entities ?? []).find((one) => one.type === type && one.start === start && one.end === end);
  if (held) return [sample, held];
  return [{ ...sample, entities: sorted([...(sample.entities ?? []), made]) }, made];
}

export function dropEntity(sample, entity) {
  return { ...sample, entities: sample.entities.filter((one) => one !== entity) };
}

// An entity with other fields; what is related to it by the same place goes along.
export function changeEntity(sample, entity, changes) {
  const made = { ...entity, ...changes };
  delete made.score;
  if ("start" in changes || "end" in changes) {
    Object.assign(made, spanAt(sample, made.start, made.end));
    delete made.fragments;
  }
  const follow = (span) => {
    if (!span || span.start === null || span.start !== entity.start || span.end !== entity.end) return span;
    const moved = { ...span, start: made.start, end: made.end, text: made.text };
    if (span.type && span.type === entity.type) moved.type = made.type;
    return moved;
  };
  const entities = sorted(sample.entities.map((one) => (one === entity ? made : one)));
  return [{ ...withSpans(sample, follow), entities }, made];
}

function withSpans(sample, change) {
  const out = { ...sample };
  if (sample.relations) {
    out.relations = sample.relations.map((one) => ({ ...one, head: change(one.head), tail: change(one.tail) }));
  }
  if (sample.events) {
    out.events = sample.events.map((one) => ({
      ...one,
      trigger: one.trigger ? change(one.trigger) : (one.trigger ?? null),
      ...(one.arguments ? { arguments: one.arguments.map(change) } : {}),
    }));
  }
  return out;
}

export function setLabels(sample, labels) {
  return { ...sample, labels };
}

export function toggleLabel(sample, label) {
  const held = sample.labels ?? [];
  return setLabels(sample, held.includes(label) ? held.filter((one) => one !== label) : [...held, label]);
}

export function addRelation(sample, type, head, tail) {
  const end = ({ text, start, end: last, type: kind }) => ({ text, start, end: last, ...(kind ? { type: kind } : {}) });
  return { ...sample, relations: [...(sample.relations ?? []), { type, head: end(head), tail: end(tail) }] };
}

export function addEvent(sample, type, trigger) {
  return { ...sample, events: [...(sample.events ?? []), { type, trigger, arguments: [] }] };
}

export function addArgument(sample, event, role, { text, start, end, type }) {
  const made = { role, text, start, end, ...(type ? { type } : {}) };
  return replace(sample, "events", event, { ...event, arguments: [...(event.arguments ?? []), made] });
}

export function dropArgument(sample, event, argument) {
  return replace(sample, "events", event, { ...event, arguments: event.arguments.filter((one) => one !== argument) });
}

export function replace(sample, level, old, made) {
  return { ...sample, [level]: sample[level].map((one) => (one === old ? made : one)) };
}

export function drop(sample, level, old) {
  return { ...sample, [level]: sample[level].filter((one) => one !== old) };
}

// Another text: spans keep their words; those whose words are gone keep what is left of them, or go.
export function setText(sample, text) {
  const [old, made] = [Array.from(sample.text), Array.from(text)];
  let first = 0;
  while (first < old.length && first < made.length && old[first] === made[first]) first += 1;
  let tail = 0;
  while (
    tail < Math.min(old.length, made.length) - first &&
    old[old.length - 1 - tail] === made[made.length - 1 - tail]
  )
    tail += 1;
  const last = old.length - tail;
  const shift = made.length - old.length;
  const whole = (start, end, span) => ({ ...span, start, end, text: made.slice(start, end).join("") });
  const move = (span) => {
    if (!span || span.start === null || span.start === undefined) return span;
    const clean = { ...span };
    delete clean.fragments;
    if (span.end <= first) return span;
    if (span.start >= last)
      return span.fragments
        ? whole(span.start + shift, span.end + shift, clean)
        : { ...span, start: span.start + shift, end: span.end + shift };
    if (span.start <= first && span.end >= last && span.end + shift > span.start)
      return whole(span.start, span.end + shift, clean);
    const near = nearest(made, Array.from(span.text), span.start);
    if (near !== null) return whole(near, near + Array.from(span.text).length, clean);
    return { ...clean, start: null, end: null };
  };
  const out = withSpans({ ...sample, text }, move);
  if (sample.entities) out.entities = sorted(sample.entities.map(move));
  return out;
}

function nearest(characters, words, from) {
  let best = null;
  for (let at = 0; at + words.length <= characters.length; at += 1) {
    if (best !== null && Math.abs(at - from) >= Math.abs(best - from)) continue;
    if (words.every((character, place) => characters[at + place] === character)) best = at;
  }
  return best;
}

// The other side's way in every conflict that is told to be taken.
export function resolve(sample, conflicts, mine) {
  let out = sample;
  conflicts.forEach((conflict, place) => {
    if (!mine[place]) return;
    if (conflict.field === "labels" || !Array.isArray(conflict.mine) || !Array.isArray(conflict.theirs)) {
      out = { ...out, [conflict.field]: conflict.mine };
    } else {
      const gone = conflict.theirs.map((piece) => JSON.stringify(piece));
      const kept = (out[conflict.field] ?? []).filter((piece) => !gone.includes(JSON.stringify(piece)));
      const joined = [...kept, ...conflict.mine];
      out = { ...out, [conflict.field]: conflict.field === "entities" ? sorted(joined) : joined };
    }
  });
  return out;
}
