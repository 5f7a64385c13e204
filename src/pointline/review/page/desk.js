// The item on the desk: its sample, undo and redo, saving by itself, and what happens when others changed it meanwhile.
import { Fault } from "./wire.js";
import { resolve } from "./edit.js";

const SOON = 250;
const AGAIN = [500, 1000, 2000, 5000];
const LEVELS = ["text", "labels", "entities", "relations", "events"];

export const content = (sample) => JSON.stringify(LEVELS.map((level) => sample[level] ?? null));

export class Desk extends EventTarget {
  #timer = 0;
  #running = null;
  #failures = 0;

  constructor(wire, asks) {
    super();
    this.wire = wire;
    this.asks = asks; // shows conflicts, gives for each whether mine is taken
  }

  open(view) {
    this.view = view;
    this.sample = view.sample;
    this.base = view.version;
    this.acknowledged = content(view.sample);
    this.past = [];
    this.future = [];
    this.chosen = null;
    const kept = this.wire.kept(view.pos);
    if (kept && view.writable && content(kept.sample) !== this.acknowledged) {
      this.sample = { ...view.sample, ...kept.sample };
      this.base = kept.base;
      this.past.push(view.sample);
      this.#say("Changes that had not been saved are back.");
      this.#soon(0);
    } else {
      this.wire.forget(view.pos);
    }
    this.#tell("opened");
  }

  get dirty() {
    return content(this.sample) !== this.acknowledged;
  }

  get changed() {
    return content(this.sample) !== content(this.view.draft);
  }

  // One step of work: what was before can be brought back.
  edit(made, chosen = null) {
    if (!this.view.writable) return this.#say("This item is with others; take the next one.");
    this.chosen = chosen;
    if (content(made) !== content(this.sample)) {
      this.past.push(this.sample);
      this.future = [];
      this.#take(made);
    }
    return this.#tell("edited");
  }

  choose(entity) {
    this.chosen = entity;
    this.#tell("chosen");
  }

  undo() {
    if (this.past.length) this.#travel(this.past, this.future);
  }

  redo() {
    if (this.future.length) this.#travel(this.future, this.past);
  }

  #travel(from, to) {
    to.push(this.sample);
    this.chosen = null;
    this.#take(from.pop());
    this.#tell("edited");
  }

  #take(sample) {
    this.sample = sample;
    this.wire.keep(this.view.pos, { base: this.base, sample });
    this.#soon(SOON);
  }

  #soon(delay) {
    clearTimeout(this.#timer);
    this.#state(this.dirty ? "saving …" : "saved");
    this.#timer = setTimeout(() => this.save().catch(() => {}), delay);
  }

  // Everything on the server, or a Fault; called again while it runs, it waits for the same end.
  save() {
    clearTimeout(this.#timer);
    this.#running ??= this.#save().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #save() {
    while (this.dirty) {
      const { view, base, sample } = this;
      let saved;
      try {
        saved = await this.wire.ask(`/api/items/${view.pos}/versions`, { base, sample });
      } catch (fault) {
        this.#failed(fault, view);
        throw fault;
      }
      this.#failures = 0;
      if (view.pos !== this.view.pos) return;
      await this.#arrived(saved, sample);
    }
    this.wire.forget(this.view.pos);
    this.#state("saved");
  }

  async #arrived(saved, sent) {
    const still = content(this.sample) === content(sent);
    if (saved.conflicts?.length) {
      const mine = await this.asks.conflicts(saved.conflicts, this.view);
      const rest = resolve(saved.sample, saved.conflicts, mine);
      this.#adopt(saved, rest);
      this.#say("Both changes are joined as you said.");
    } else if (!saved.merged) {
      this.base = saved.version;
      this.acknowledged = content(saved.sample);
    } else if (still) {
      this.#adopt(saved, saved.sample);
      this.#say("Joined with what somebody else changed meanwhile.");
    } // merged, and edited since: the same base once more, the server joins again
    if (this.dirty) this.wire.keep(this.view.pos, { base: this.base, sample: this.sample });
  }

  // From here on undo must not go back behind what others did.
  #adopt(saved, sample) {
    this.base = saved.version;
    this.acknowledged = content(saved.sample);
    this.sample = sample;
    this.past = [];
    this.future = [];
    this.chosen = null;
    this.#tell("edited");
  }

  #failed(fault, view) {
    const passing = fault instanceof Fault && (fault.status === 0 || fault.status >= 500 || fault.status === 408);
    this.#state(
      passing ? "not saved yet: the server does not answer; trying again" : `not saved: ${fault.message}`,
      true,
    );
    if (!passing || view.pos !== this.view.pos) return;
    const delay = AGAIN[Math.min(this.#failures, AGAIN.length - 1)];
    this.#failures += 1;
    this.#timer = setTimeout(() => this.save().catch(() => {}), delay);
  }

  #state(text, bad = false) {
    this.dispatchEvent(new CustomEvent("state", { detail: { text, bad } }));
  }

  #say(text) {
    this.dispatchEvent(new CustomEvent("said", { detail: text }));
  }

  #tell(what) {
    this.dispatchEvent(new Event(what));
  }
}
