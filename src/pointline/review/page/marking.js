// The text that is worked on: spans chosen, added, their ends dragged or stepped, a caret for the keyboard.
import { addEntity, changeEntity } from "./edit.js";
import { Drawn } from "./draw.js";
import { step, trimmed } from "./points.js";

export class Marking {
  #drag = null; // {side, entity, point}

  constructor(pane, desk, look) {
    this.pane = pane;
    this.desk = desk;
    this.look = look; // {marks(sample), link(key, on)}
    this.caret = pane.parentElement.querySelector(".caret");
    pane.addEventListener("pointerdown", (event) => this.#down(event));
    pane.addEventListener("pointermove", (event) => this.#move(event));
    pane.addEventListener("pointerup", (event) => this.#up(event));
    pane.addEventListener("lostpointercapture", () => this.#stop());
    pane.addEventListener("focus", () => this.#entered());
    pane.addEventListener("blur", () => {
      this.caret.hidden = true;
    });
    document.addEventListener("selectionchange", () => this.#showCaret());
    desk.addEventListener("opened", () => this.paint());
    desk.addEventListener("edited", () => this.paint());
    desk.addEventListener("chosen", () => this.#showChosen());
  }

  paint() {
    const kept = document.activeElement === this.pane ? this.#ends() : null;
    this.drawn = new Drawn(this.pane, this.desk.sample.text, this.look.marks(this.desk.sample));
    if (kept) this.drawn.select(...kept.map((point) => Math.min(point, this.drawn.points.length)));
    this.#showChosen();
  }

  get entities() {
    return this.desk.sample.entities ?? [];
  }

  // Marks the chosen span and gives it two grips.
  #showChosen() {
    for (const old of this.pane.querySelectorAll(".grip")) old.remove();
    for (const old of this.pane.querySelectorAll("mark.chosen")) old.classList.remove("chosen");
    const { chosen } = this.desk;
    if (!chosen) return;
    const pieces = [...this.drawn.elements(`e${this.entities.indexOf(chosen)}`)];
    if (!pieces.length) return;
    for (const piece of pieces) piece.classList.add("chosen");
    if (!chosen.fragments) {
      pieces[0].prepend(grip("start"));
      pieces[pieces.length - 1].append(grip("end"));
    }
    const box = pieces[0].getBoundingClientRect();
    if (box.top < 90 || box.bottom > innerHeight - 90) pieces[0].scrollIntoView({ block: "center" });
  }

  // The stretch that a type would be given to: what is selected.
  selected() {
    const found = this.drawn.selected();
    return found && trimmed(this.drawn.points, ...found);
  }

  // A type for what is selected (a new span), else for the chosen span.
  type(name) {
    const found = this.selected();
    if (found) {
      const [made, entity] = addEntity(this.desk.sample, name, ...found);
      this.drawn.select(found[1]);
      this.desk.edit(made, entity);
    } else if (this.desk.chosen) {
      this.desk.edit(...changeEntity(this.desk.sample, this.desk.chosen, { type: name }));
    } else return false;
    return true;
  }

  // Puts the chosen span where the selection is.
  place() {
    const found = this.selected();
    if (!found || !this.desk.chosen) return false;
    this.desk.edit(...changeEntity(this.desk.sample, this.desk.chosen, { start: found[0], end: found[1] }));
    return true;
  }

  // Moves an end of the chosen span by one grapheme.
  nudge(side, back) {
    const { chosen } = this.desk;
    if (!chosen || chosen.start === null) return;
    this.#resize(chosen, side, step(this.drawn.points, chosen[side], back));
  }

  #resize(entity, side, point) {
    const changes = { start: entity.start, end: entity.end, [side]: point };
    if (changes.start >= changes.end || changes.start < 0 || changes.end > this.drawn.points.length) return;
    if (point !== entity[side]) this.desk.edit(...changeEntity(this.desk.sample, entity, changes));
  }

  walk(forward) {
    const placed = this.entities;
    if (!placed.length) return;
    const here = placed.indexOf(this.desk.chosen);
    const next =
      here < 0 ? (forward ? 0 : placed.length - 1) : (here + (forward ? 1 : -1) + placed.length) % placed.length;
    this.desk.choose(placed[next]);
  }

  #down(event) {
    const side = event.target.dataset?.side;
    if (!side || event.button) return;
    event.preventDefault();
    this.#drag = { side, entity: this.desk.chosen, point: this.desk.chosen[side] };
    this.pane.setPointerCapture(event.pointerId);
    this.pane.classList.add("dragging");
  }

  #move(event) {
    if (!this.#drag) {
      this.look.hover(event.target.closest?.("mark")?.dataset.key ?? null);
      return;
    }
    const point = this.#at(event);
    if (point === null) return;
    this.#drag.point = point;
    const { side, entity } = this.#drag;
    const [start, end] = side === "start" ? [point, entity.end] : [entity.start, point];
    if (start < end) this.drawn.select(start, end);
  }

  #at(event) {
    const found = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    if (found) return this.drawn.point(found.offsetNode, found.offset);
    const range = document.caretRangeFromPoint?.(event.clientX, event.clientY);
    return range ? this.drawn.point(range.startContainer, range.startOffset) : null;
  }

  #stop() {
    this.#drag = null;
    this.pane.classList.remove("dragging");
  }

  #up(event) {
    if (this.#drag) {
      const { side, entity, point } = this.#drag;
      this.#stop();
      document.getSelection().removeAllRanges();
      this.#resize(entity, side, point);
      return;
    }
    if (this.drawn.selected()) return;
    const key = event.target.closest?.("mark")?.dataset.key ?? "";
    this.desk.choose(key.startsWith("e") ? this.entities[Number(key.slice(1))] : null);
  }

  // The keyboard's way through the text; gives whether the key was for it.
  key(event) {
    const steps = {
      ArrowLeft: "left",
      ArrowRight: "right",
      ArrowUp: "backward",
      ArrowDown: "forward",
      Home: "backward",
      End: "forward",
    };
    const direction = steps[event.key];
    if (!direction || event.altKey) return false;
    this.#entered();
    const whole = event.ctrlKey || event.metaKey;
    let unit = whole ? "word" : "character";
    if (event.key.startsWith("Arrow") && ["forward", "backward"].includes(direction)) unit = "line";
    if (event.key === "Home" || event.key === "End") unit = whole ? "documentboundary" : "lineboundary";
    const selection = document.getSelection();
    const before = [selection.anchorNode, selection.anchorOffset, selection.focusNode, selection.focusOffset];
    selection.modify(event.shiftKey ? "extend" : "move", direction, unit);
    if (unit === "documentboundary") {
      const [anchor] = this.#ends() ?? [0];
      const goal = direction === "forward" ? this.drawn.points.length : 0;
      this.drawn.select(event.shiftKey ? anchor : goal, goal);
    } else if (!this.pane.contains(selection.focusNode)) selection.setBaseAndExtent(...before);
    this.#showCaret();
    return true;
  }

  #ends() {
    const { anchorNode, anchorOffset, focusNode, focusOffset } = document.getSelection();
    if (!this.drawn || !anchorNode || !this.pane.contains(anchorNode) || !this.pane.contains(focusNode)) return null;
    return [this.drawn.point(anchorNode, anchorOffset), this.drawn.point(focusNode, focusOffset)];
  }

  // A focus by keyboard begins where the chosen span is, or at the start.
  #entered() {
    if (!this.#ends()) this.drawn.select(this.desk.chosen?.start ?? 0);
    this.#showCaret();
  }

  #showCaret() {
    const ends = document.activeElement === this.pane ? this.#ends() : null;
    this.caret.hidden = !ends;
    if (!ends) return;
    const { length } = this.drawn.points;
    const range = document.createRange();
    const last = ends[1] >= length && length > 0;
    range.setStart(...this.drawn.place(last ? length - 1 : ends[1]));
    range.setEnd(...this.drawn.place(last ? length : Math.min(length, ends[1] + 1)));
    const boxes = range.getClientRects();
    const box = last ? boxes[boxes.length - 1] : boxes[0];
    const home = this.pane.parentElement.getBoundingClientRect();
    if (!box) return;
    this.caret.style.left = `${(last ? box.right : box.left) - home.left}px`;
    this.caret.style.top = `${box.top - home.top}px`;
    this.caret.style.height = `${box.height}px`;
  }
}

function grip(side) {
  const made = document.createElement("span");
  made.className = `grip ${side}`;
  made.dataset.side = side;
  made.setAttribute("aria-hidden", "true");
  return made;
}
