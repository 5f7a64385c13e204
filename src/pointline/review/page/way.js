// The way from item to item: decisions, next and previous, jumps, the filter and what it finds.
import { element } from "./pick.js";

const at = (id) => document.getElementById(id);
const counted = (n) => n.toLocaleString("en");
const here = (id) => `item=${encodeURIComponent(id)}`;

export function said(text, bad = false) {
  at("said").textContent = text;
  at("said").classList.toggle("fault", bad);
}

export class Way {
  #running = null; // one step at a time: a key pressed twice must not decide about an item that nobody has seen
  #before = []; // ranks of the items before, to go back to
  #waiting = 0;

  constructor(desk, wire, clock) {
    this.desk = desk;
    this.wire = wire;
    this.clock = clock;
    at("filter").addEventListener("input", () => {
      clearTimeout(this.#waiting);
      this.#waiting = setTimeout(() => this.#list(), 200);
    });
    at("filter").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#list();
    });
    at("filter").addEventListener("reset", () => setTimeout(() => this.#list()));
  }

  opened(answer) {
    if (answer.progress) this.progress(answer.progress);
    if (!answer.view) return said("Nothing is left here. Other items: find and filter, or jump.");
    said("");
    this.clock.restart();
    this.desk.open(answer.view);
    history.replaceState(null, "", `?${here(answer.view.id)}`);
    return scrollTo(0, 0);
  }

  progress(counts) {
    const all = Object.values(counts).reduce((sum, n) => sum + n, 0);
    const done = all - (counts.open ?? 0) - (counts.waiting ?? 0) - (counts.disputed ?? 0);
    at("progress").value = done;
    at("progress").max = all || 1;
    at("progress-said").textContent = `${counted(done)} of ${counted(all)} done`;
  }

  async decide(verdict, reason = "") {
    if (!this.#running) await this.#alone(() => this.#decide(verdict, reason));
  }

  next() {
    return this.#alone(() => this.#onward());
  }

  previous() {
    return this.#alone(() => {
      const wanted = this.#filter();
      const last = this.#before.pop();
      const rank = last === undefined || wanted.size ? this.desk.view.rank : last + 1;
      return this.#go(`/api/step?${wanted}&rank=${rank}&back=1`);
    });
  }

  jump(told) {
    return this.#alone(() => this.#go(`/api/jump?to=${encodeURIComponent(told)}`));
  }

  async #alone(work) {
    while (this.#running) await this.#running;
    this.#running = work().finally(() => {
      this.#running = null;
    });
    await this.#running;
  }

  async #go(path) {
    try {
      if (this.desk.dirty) await this.desk.save();
      const before = this.desk.view.rank;
      const told = await this.wire.ask(path);
      const answer = told.pos === undefined ? told : { view: told };
      if (answer.view && answer.view.rank !== before && !path.includes("back=1")) this.#before.push(before);
      this.opened(answer);
    } catch (fault) {
      said(fault.message, true);
    }
  }

  async #decide(verdict, reason) {
    const { view } = this.desk;
    const item = `/api/items/${view.pos}`;
    try {
      await this.desk.save();
      const body = { version: this.desk.base, verdict, reason, seconds: this.clock.seconds };
      const after = await this.wire.ask(`${item}/decisions`, body);
      await (verdict === "reopen" ? this.opened({ view: after }) : this.#onward());
    } catch (fault) {
      // somebody was faster: the newest version, and what went wrong
      if (fault.status === 409) await this.#go(item);
      said(fault.message, true);
    }
  }

  #onward() {
    const wanted = this.#filter();
    const { rank } = this.desk.view;
    return this.#go(wanted.size ? `/api/step?${wanted}&rank=${rank}` : `/api/next?after=${rank}`);
  }

  #filter() {
    return new URLSearchParams([...new FormData(at("filter"))].filter(([, value]) => value.trim()));
  }

  async #list() {
    const wanted = this.#filter();
    if (!wanted.size) return at("found").replaceChildren();
    try {
      const { count, rows } = await this.wire.ask(`/api/find?${wanted}`);
      const note = (text) => element("li", { className: "note", textContent: text });
      const more = counted(count - rows.length);
      const rest = count > rows.length ? [note(`and ${more} more; Next (n) goes through them`)] : [];
      return at("found").replaceChildren(
        note(`${counted(count)} found`),
        ...rows.map((row) => this.#row(row)),
        ...rest,
      );
    } catch (fault) {
      return said(fault.message, true);
    }
  }

  #row({ pos, id, text, status }) {
    const number = element("b", { textContent: `${pos} ` });
    const link = element("a", { href: `?${here(id)}` }, number, element("span", { textContent: text }));
    link.addEventListener("click", (event) => {
      event.preventDefault();
      this.jump(id);
    });
    return element("li", {}, link, element("small", { className: "note", textContent: ` ${status}` }));
  }
}
