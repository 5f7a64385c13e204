// The keyboard: one table, shown by `?`. Keys are left alone in fields, in dialogs, with Ctrl, and while an input
// method composes.
import { composing, element, tell } from "./pick.js";

export const KEYS = [
  [
    "Deciding",
    [
      ["Enter", "accept as it stands, or Fix where something was changed; then the next"],
      ["a", "accept: right as it stands"],
      ["f", "Fix: right with my changes"],
      ["x", "reject, with a reason"],
      ["s", "skip"],
      ["g", "flag for somebody else"],
      ["o", "open it again"],
      ["n", "Next"],
      ["p", "the one before"],
    ],
  ],
  [
    "Spans",
    [
      ["j k", "next, previous span"],
      ["1 … 9", "type of what is selected (a new span) or of the chosen span"],
      ["t", "choose the type from the list, or write a new one"],
      ["Delete d", "delete the chosen span"],
      ["Alt+← Alt+→", "move its end; with Shift its start"],
      ["z", "put the chosen span where the selection is"],
      ["c", "into the text: arrows move, with Shift they select, with Ctrl by words"],
      ["Escape", "choose nothing"],
    ],
  ],
  [
    "More",
    [
      ["l", "set the label; L adds or removes one"],
      ["r", "relation between two spans"],
      ["v", "event, its trigger what is selected or chosen"],
      ["b", "argument of an event"],
      ["e", "edit the text"],
      ["m", "note"],
      ["u Ctrl+Z", "undo; y or Ctrl+Y: redo"],
      ["/", "find and filter"],
      ["i", "jump to a number or an id"],
      ["Alt+1 …", "take a reviewer's result"],
      ["?", "this help"],
    ],
  ],
];

const OFF = "pointline:keys-off";

export function help() {
  const lists = KEYS.map(([title, rows]) =>
    element(
      "section",
      {},
      element("h3", { textContent: title }),
      element(
        "dl",
        { className: "keys" },
        ...rows.map(([keys, said]) =>
          element(
            "div",
            {},
            element(
              "dt",
              {},
              ...keys
                .split(" ")
                .flatMap((key) => (key === "…" ? [" … "] : [element("kbd", { textContent: key }), " "])),
            ),
            element("dd", { textContent: said }),
          ),
        ),
      ),
    ),
  );
  const box = element("input", { type: "checkbox", checked: !off() });
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "" : "1"));
  const mouse =
    "With the mouse: select words and press a type below the text; click a span to choose it, drag its ends.";
  return tell(
    "Keys",
    element("p", { textContent: mouse }),
    ...lists,
    element("p", {}, element("label", {}, box, " single keys work (else only those with Ctrl or Alt, and ?)")),
  );
}

function off() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
}

const typing = (target) => target.closest?.("input, textarea, select, dialog, [contenteditable]");

export function listen(acts, marking) {
  document.addEventListener("keydown", (event) => {
    if (composing(event) || event.defaultPrevented || typing(event.target)) return;
    const control = event.ctrlKey || event.metaKey;
    if (document.activeElement === marking.pane && marking.key(event)) event.preventDefault();
    else if (control) shortcut(event, acts);
    else if (event.altKey) moved(event, acts, marking);
    else if (event.key === "?" || !off()) single(event, acts, marking);
  });
}

function shortcut(event, acts) {
  const key = event.key.toLowerCase();
  const act = { z: event.shiftKey ? acts.redo : acts.undo, y: acts.redo }[key];
  if (!act) return;
  event.preventDefault();
  act();
}

function moved(event, acts, marking) {
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    marking.nudge(event.shiftKey ? "start" : "end", event.key === "ArrowLeft");
  } else if (digit) acts.adopt(Number(digit) - 1);
  else return;
  event.preventDefault();
}

function single(event, acts, marking) {
  const pressing = event.target.closest?.("button, a, summary") && (event.key === "Enter" || event.key === " ");
  if (pressing) return;
  const table = {
    Enter: acts.done,
    a: acts.accept,
    f: acts.fix,
    x: acts.reject,
    s: acts.skip,
    g: acts.flag,
    o: acts.reopen,
    n: acts.next,
    p: acts.previous,
    j: () => marking.walk(true),
    k: () => marking.walk(false),
    t: acts.type,
    Delete: acts.remove,
    Backspace: acts.remove,
    d: acts.remove,
    z: acts.place,
    c: () => marking.pane.focus(),
    Escape: acts.clear,
    l: acts.label,
    L: acts.toggle,
    r: acts.relation,
    v: acts.event,
    b: acts.argument,
    e: acts.text,
    m: acts.note,
    u: acts.undo,
    y: acts.redo,
    "/": acts.find,
    i: acts.jump,
    "?": help,
  };
  const act = /^[1-9]$/.test(event.key) ? () => acts.number(Number(event.key)) : table[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}
