// A text with its spans as nested <mark>s, crossing ones cut; names stand in attributes, so the DOM's text is the text.
import { Points } from "./points.js";

export class Drawn {
  // marks: [{start, end, name, colour, key, kind}] in code points
  constructor(pane, text, marks) {
    this.pane = pane;
    this.points = new Points(text);
    this.nodes = []; // [text node, first unit]
    pane.replaceChildren(this.#build(text, marks));
  }

  #build(text, marks) {
    const root = document.createDocumentFragment();
    const placed = marks.filter((mark) => mark.start !== null && mark.start !== undefined);
    const wanted = placed.sort((a, b) => a.start - b.start || b.end - a.end || (a.name < b.name ? -1 : 1));
    const borders = [...new Set([0, this.points.length, ...wanted.flatMap((m) => [m.start, m.end])])];
    borders.sort((a, b) => a - b);
    let stack = []; // [mark, element]
    let coming = 0;
    borders.forEach((here, place) => {
      stack = close(stack, here, root);
      for (; coming < wanted.length && wanted[coming].start === here; coming += 1) {
        if (wanted[coming].end > here) stack.push([wanted[coming], open(stack, root, wanted[coming], true)]);
      }
      const there = borders[place + 1];
      if (there === undefined) return;
      const unit = this.points.unit(here);
      const node = document.createTextNode(text.slice(unit, this.points.unit(there)));
      this.nodes.push([node, unit]);
      top(stack, root).append(node);
    });
    return root;
  }

  // A DOM place inside the pane -> code point; null where it is elsewhere.
  point(node, offset) {
    if (!this.pane.contains(node)) return null;
    const range = document.createRange();
    range.setStart(this.pane, 0);
    range.setEnd(node, offset);
    return this.points.point(range.toString().length);
  }

  // Code point -> DOM place.
  place(point) {
    const unit = this.points.unit(point);
    let found = this.nodes[0];
    for (const entry of this.nodes) {
      if (entry[1] > unit) break;
      found = entry;
    }
    return found ? [found[0], Math.min(unit - found[1], found[0].length)] : [this.pane, 0];
  }

  // The stretch that is selected in this pane, in code points; null where there is none.
  selected() {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    const [start, end] = [
      this.point(range.startContainer, range.startOffset),
      this.point(range.endContainer, range.endOffset),
    ];
    return start === null || end === null || start === end ? null : [start, end];
  }

  select(anchor, focus = anchor) {
    document.getSelection().setBaseAndExtent(...this.place(anchor), ...this.place(focus));
  }

  elements(key) {
    return this.pane.querySelectorAll(`mark[data-key="${CSS.escape(key)}"]`);
  }
}

function top(stack, root) {
  return stack.length ? stack[stack.length - 1][1] : root;
}

function open(stack, root, mark, first) {
  const element = document.createElement("mark");
  element.className = `c${mark.colour} ${mark.kind ?? ""}`.trim();
  element.dataset.key = mark.key;
  if (first) element.classList.add("first");
  top(stack, root).append(element);
  return element;
}

function close(stack, here, root) {
  let left = stack;
  const going = [];
  while (left.some(([mark]) => mark.end <= here)) {
    const [mark, element] = left[left.length - 1];
    left = left.slice(0, -1);
    if (mark.end <= here) {
      element.classList.add("last");
      element.dataset.name = mark.name;
    } else {
      going.unshift(mark);
    }
  }
  for (const mark of going) left = [...left, [mark, open(left, root, mark, false)]];
  return left;
}
