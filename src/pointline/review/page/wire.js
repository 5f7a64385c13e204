// The way to the server and back: JSON, the page's token, clear faults; what is not yet saved is kept in this browser.

export class Fault extends Error {
  constructor(status, message) {
    super(message);
    this.status = status; // 0: the server does not answer
  }
}

export class Wire {
  constructor(state) {
    this.token = state.token;
    this.prefix = `pointline:${state.db}:${state.me.name}:`;
  }

  async ask(path, body) {
    const told =
      body === undefined
        ? {}
        : {
            method: "POST",
            headers: { "Content-Type": "application/json", "X-Review-Token": this.token },
            body: JSON.stringify(body),
          };
    let response;
    try {
      response = await fetch(path, told);
    } catch {
      throw new Fault(0, "the server does not answer");
    }
    if (response.ok) return response.json();
    let message = `the server said ${response.status}`;
    try {
      message = (await response.json()).error.message;
    } catch {
      // what stands there is no fault of ours
    }
    throw new Fault(response.status, message);
  }

  keep(pos, edit) {
    try {
      localStorage.setItem(this.prefix + pos, JSON.stringify(edit));
    } catch {
      // a full or forbidden store: the edit is still sent
    }
  }

  kept(pos) {
    try {
      return JSON.parse(localStorage.getItem(this.prefix + pos));
    } catch {
      return null;
    }
  }

  forget(pos) {
    try {
      localStorage.removeItem(this.prefix + pos);
    } catch {
      // nothing was kept
    }
  }

  // Positions of items with edits that never reached the server.
  left() {
    try {
      return Object.keys(localStorage)
        .filter((key) => key.startsWith(this.prefix))
        .map((key) => Number(key.slice(this.prefix.length)));
    } catch {
      return [];
    }
  }
}
