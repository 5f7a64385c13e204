// Sends the text to /extract and shows the HTML that comes back: there every text is escaped already.
const at = (id) => document.getElementById(id);
const [form, text, token, state, answer] = ["ask", "text", "token", "state", "answer"].map(at);
let latest = 0;

function headers(more) {
  return token.value ? { ...more, Authorization: `Bearer ${token.value}` } : more;
}

async function fault(response) {
  if (response.status === 401) {
    at("door").hidden = false;
    token.focus();
  }
  try {
    return (await response.json()).error.message;
  } catch {
    return `the server said ${response.status}`;
  }
}

async function read() {
  const mine = ++latest;
  const texts = text.value.split("\n").filter((line) => line.trim());
  const body = at("each").checked ? { texts } : { text: text.value };
  state.className = "note";
  state.textContent = "reading …";
  answer.setAttribute("aria-busy", "true");
  try {
    const asked = { "Content-Type": "application/json", Accept: "text/html" };
    const response = await fetch("extract", { method: "POST", headers: headers(asked), body: JSON.stringify(body) });
    const said = response.ok ? await response.text() : await fault(response);
    if (mine !== latest) return;
    state.textContent = response.ok ? "" : said;
    if (response.ok) answer.innerHTML = said;
    else state.className = "fault";
    if (response.ok && at("known").hidden) know();
  } catch {
    if (mine === latest) [state.textContent, state.className] = ["the server does not answer", "fault"];
  } finally {
    if (mine === latest) answer.removeAttribute("aria-busy");
  }
}

// The names come as data and go in as text.
async function know() {
  const response = await fetch("schema", { headers: headers({}) });
  if (!response.ok) return;
  const list = document.querySelector("#known dl");
  for (const [level, names] of Object.entries(await response.json())) {
    if (!Array.isArray(names) || level === "open") continue;
    const term = document.createElement("dt");
    const told = document.createElement("dd");
    term.textContent = level;
    told.textContent = names.map((name) => name.name ?? name.type ?? name).join(", ") || "none";
    const row = document.createElement("div");
    row.append(term, told);
    list.append(row);
  }
  at("known").hidden = false;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  read();
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

// A link may carry the text: /#text=play%20jazz
const linked = new URLSearchParams(location.hash.slice(1)).get("text");
if (linked) {
  text.value = linked;
  read();
}
