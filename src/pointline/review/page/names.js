// The names that may be given, level by level, and their colours.

export class Names {
  constructor(state) {
    this.told = state.names; // {labels, entities, relations, events, roles, about}
    this.colours = state.colours;
  }

  list(level) {
    return this.told[level];
  }

  roles(event) {
    return this.told.roles[event] ?? [];
  }

  // A name that was written anew can be chosen from now on; gives it back.
  learn(level, name) {
    if (name && !this.list(level).includes(name)) this.list(level).push(name);
    return name;
  }

  colour(name) {
    this.colours[name] ??= Object.keys(this.colours).length % 12;
    return this.colours[name];
  }

  // As a list to pick from.
  plain(list) {
    return list.map((name) => ({ value: name, label: name, about: this.told.about[name] }));
  }

  coloured(list) {
    return this.plain(list).map((one) => ({ ...one, colour: this.colour(one.value) }));
  }
}
