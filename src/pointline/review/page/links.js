// Which span of the original belongs to which span of the translation, to be coloured and pointed at together.

// Gives a map from the place of an entity in `target` to the place of one in `source`; each is used once.
export function pairs(source, target, kinds, repairs = []) {
  const found = new Map();
  const taken = new Set();
  if (!source || !source.entities || !target.entities) return found;
  const told = new Set(repairs.filter((one) => one.source && one.target).map((one) => `${one.source}\0${one.target}`));
  const rules = [
    (a, b) => told.has(`${a.text}\0${b.text}`),
    (a, b) => a.text === b.text && same(a, b),
    (a, b) => same(a, b),
    (a, b) => a.text === b.text,
  ];
  function same(a, b) {
    return a.type === (kinds[b.type] ?? b.type);
  }
  for (const rule of rules) {
    target.entities.forEach((entity, place) => {
      if (found.has(place)) return;
      const other = source.entities.findIndex((one, at) => !taken.has(at) && rule(one, entity));
      if (other < 0) return;
      found.set(place, other);
      taken.add(other);
    });
  }
  return found;
}
