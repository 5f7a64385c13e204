// Seconds of work on one item: only while the page is seen and somebody does something now and then.
const PAUSE = 60_000;

export class Clock {
  constructor() {
    this.restart();
    for (const kind of ["keydown", "pointermove", "pointerdown", "scroll", "visibilitychange"]) {
      document.addEventListener(kind, () => this.#tick(), { passive: true, capture: true });
    }
  }

  restart() {
    this.spent = 0;
    this.last = performance.now();
  }

  #tick() {
    const now = performance.now();
    this.spent += Math.min(now - this.last, PAUSE);
    this.last = now;
  }

  get seconds() {
    this.#tick();
    return Math.round(this.spent / 100) / 10;
  }
}
