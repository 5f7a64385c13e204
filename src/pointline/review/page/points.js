// Offsets: the record counts code points, the browser counts UTF-16 units. Both ways, and steps over whole graphemes.

export class Points {
  constructor(text) {
    this.text = text;
    this.length = 0; // in code points
    this.pairs = []; // code point indices of the characters that take two units
    for (let unit = 0; unit < text.length; this.length += 1) {
      const wide = text.codePointAt(unit) > 0xffff;
      if (wide) this.pairs.push(this.length);
      unit += wide ? 2 : 1;
    }
  }

  // Code point index -> unit index.
  unit(point) {
    return point + below(this.pairs, point);
  }

  // Unit index -> code point index; inside a pair it is the pair's start.
  point(unit) {
    let low = 0;
    let high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.pairs[middle] + middle + 1 < unit) low = middle + 1;
      else high = middle;
    }
    const inside = low < this.pairs.length && this.pairs[low] + low + 1 === unit;
    return inside ? this.pairs[low] : unit - low;
  }

  slice(start, end) {
    return this.text.slice(this.unit(start), this.unit(end));
  }
}

// How many of sorted numbers are smaller.
function below(numbers, value) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const WINDOW = 64;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

// The code point where the next grapheme after (or before) `point` begins.
export function step(points, point, back) {
  const here = points.unit(point);
  if (back) {
    const from = points.unit(points.point(Math.max(0, here - WINDOW)));
    let last = from;
    for (const { index } of graphemes.segment(points.text.slice(from, here))) last = from + index;
    return points.point(last);
  }
  for (const { segment } of graphemes.segment(points.text.slice(here, here + WINDOW))) {
    return points.point(here + segment.length);
  }
  return point;
}

// A stretch without the white space at its ends; as it is where there is nothing else.
export function trimmed(points, start, end) {
  const words = points.slice(start, end);
  const left = words.length - words.trimStart().length;
  if (!words.trim()) return [start, end];
  const right = words.length - words.trimEnd().length;
  return [points.point(points.unit(start) + left), points.point(points.unit(end) - right)];
}
