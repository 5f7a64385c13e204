// Dialogs: choose from a list by typing, write a line or a text, settle conflicts. All give a promise; null: given up.

export const composing = (event) => event.isComposing || event.keyCode === 229;

export function element(name, fields = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(fields)) {
    if (key in made && key !== "list") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function show(title, body, buttons, focus) {
  return new Promise((resolve) => {
    const heading = element("h2", { id: "dialog-title", textContent: title });
    const row = element("p", { className: "buttons" }, ...buttons);
    const dialog = element("dialog", { "aria-labelledby": "dialog-title" }, heading, ...body, row);
    const before = document.activeElement;
    // at once, not in a later event: whoever types fast must not reach the page between two dialogs
    dialog.finish = (result) => {
      dialog.remove();
      before?.focus?.({ preventScroll: true });
      resolve(result);
    };
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      dialog.finish(null);
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !composing(event)) {
        event.preventDefault();
        dialog.finish(null);
      }
    });
    document.body.append(dialog);
    dialog.showModal();
    (focus ?? dialog.querySelector("button"))?.focus();
  });
}

const button = (text, act, main = false) => {
  const made = element("button", { type: "button", textContent: text, className: main ? "main" : "" });
  made.addEventListener("click", () => {
    const result = act();
    if (result !== undefined) made.closest("dialog").finish(result);
  });
  return made;
};

const cancel = () => button("Cancel", () => null);

// options: [{value, label, about?, colour?}]; with `fresh` what is typed may be a new name.
export function pick(title, options, { fresh = false, hint = "" } = {}) {
  const input = element("input", {
    type: "text",
    autocomplete: "off",
    spellcheck: false,
    role: "combobox",
    "aria-expanded": "true",
    "aria-controls": "choices",
    "aria-autocomplete": "list",
    "aria-label": title,
  });
  const list = element("ul", { id: "choices", role: "listbox", "aria-label": title, className: "choices" });
  let shown = [];
  let at = 0;
  const done = (value) => list.closest("dialog").finish(value);
  const mark = () => {
    [...list.children].forEach((row, place) => row.setAttribute("aria-selected", String(place === at)));
    input.setAttribute("aria-activedescendant", shown.length ? `choice-${at}` : "");
    list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const filter = () => {
    const wanted = input.value.trim().toLowerCase();
    shown = options.filter((one) => one.label.toLowerCase().includes(wanted));
    shown.sort((a, b) => b.label.toLowerCase().startsWith(wanted) - a.label.toLowerCase().startsWith(wanted));
    const name = input.value.trim();
    if (fresh && name && !options.some((one) => one.label === name))
      shown = [...shown, { value: name, label: name, about: "new" }];
    at = 0;
    list.replaceChildren(
      ...shown.map((one, place) => {
        const row = element("li", { id: `choice-${place}`, role: "option" });
        const name_ = element("span", { textContent: one.label });
        if (one.colour !== undefined) name_.className = `chip c${one.colour}`;
        row.append(name_);
        if (one.about) row.append(element("small", { textContent: one.about }));
        row.addEventListener("click", () => done(one.value));
        return row;
      }),
    );
    mark();
  };
  input.addEventListener("input", filter);
  input.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      at = Math.max(0, Math.min(shown.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)));
      mark();
    } else if (event.key === "Enter") {
      if (shown.length) done(shown[at].value);
    } else return;
    event.preventDefault();
  });
  filter();
  const body = [input, list];
  if (hint) body.unshift(element("p", { className: "note", textContent: hint }));
  return show(title, body, [cancel()], input);
}

// A line or a text; Ctrl + Enter (in a line: Enter) takes it.
export function write(title, { value = "", long = false, hint = "", wanted = false, ready = "Done" } = {}) {
  const fields = {
    value,
    "aria-label": title,
    spellcheck: false,
    ...(long ? { rows: 8 } : { type: "text", autocomplete: "off" }),
  };
  const input = element(long ? "textarea" : "input", fields);
  const take = () => (wanted && !input.value.trim() ? undefined : input.value);
  const main = button(ready, take, true);
  input.addEventListener("keydown", (event) => {
    if (composing(event) || event.key !== "Enter" || (long && !event.ctrlKey && !event.metaKey)) return;
    event.preventDefault();
    main.click();
  });
  const body = [input];
  if (hint || long)
    body.push(
      element("p", { className: "note", textContent: [hint, long ? "Ctrl + Enter: done." : ""].join(" ").trim() }),
    );
  return show(title, body, [main, cancel()], input);
}

export function tell(title, ...body) {
  const top = element("p", { className: "note", tabIndex: -1, textContent: "Escape closes this." });
  return show(title, [top, ...body], [button("Close", () => null, true)], top);
}

// For each conflict: theirs or mine. Closing the dialog leaves everything as the others have it; mine stays on record.
export async function settle(conflicts, words) {
  const groups = conflicts.map((conflict, place) => {
    const choice = (value, title, said) => {
      const radio = element("input", { type: "radio", name: `conflict-${place}`, value, checked: value === "theirs" });
      return element("label", {}, radio, element("b", { textContent: title }), element("span", { textContent: said }));
    };
    return element(
      "fieldset",
      { className: "conflict" },
      element("legend", { textContent: conflict.field }),
      choice("theirs", "as it is now: ", words(conflict.field, conflict.theirs)),
      choice("mine", "mine: ", words(conflict.field, conflict.mine)),
    );
  });
  const said = element("p", {
    textContent: "Somebody else has changed the same place. Nothing was overwritten: choose what shall stand.",
  });
  const chosen = () => groups.map((group) => group.querySelector("input:checked").value === "mine");
  const result = await show(
    "Two changes of one place",
    [said, ...groups],
    [button("Take these", chosen, true)],
    groups[0].querySelector("input"),
  );
  return result ?? conflicts.map(() => false);
}
