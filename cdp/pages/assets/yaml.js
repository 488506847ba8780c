// Writing YAML: numbers beside the lines, marks where the faults are, names completed. Without it, a plain field.

const field = document.querySelector("#policy-text");
if (field) {
  const names = JSON.parse(field.dataset.names);
  const faulty = new Set(field.dataset.lines.split(" ").filter(Boolean).map(Number));
  const numbers = beside();
  const choices = document.createElement("ul");
  choices.className = "choices";
  choices.id = "policy-choices";
  choices.setAttribute("role", "listbox");
  choices.setAttribute("aria-label", field.dataset.choices);
  choices.hidden = true;
  field.parentElement.after(choices);
  let found = [];
  let chosen = 0;

  function beside() {
    const made = document.createElement("div");
    made.className = "numbers";
    made.setAttribute("aria-hidden", "true");
    field.before(made);
    return made;
  }

  function count() {
    const lines = field.value.split("\n").length;
    if (numbers.childElementCount === lines) return;
    numbers.replaceChildren(
      ...Array.from({ length: lines }, (_, at) => {
        const line = document.createElement("span");
        line.textContent = (faulty.has(at + 1) ? "▸" : "") + (at + 1);
        if (faulty.has(at + 1)) line.className = "bad";
        return line;
      }),
    );
  }

  // The key whose value is being typed: on this line, or, in a list, the nearest line above that is less indented.
  function keyAt(before) {
    const lines = before.split("\n");
    const line = lines.pop();
    const inline = [...line.matchAll(/([a-z_]+):\s*(?:\[[^\]]*|[^,{}\[\]]*)$/g)].pop();
    if (inline) return inline[1];
    if (!/^\s*-\s/.test(line)) return "";
    const depth = line.search(/\S/);
    for (const above of lines.reverse()) {
      const key = above.match(/^(\s*)([a-z_]+):\s*$/);
      if (key && key[1].length <= depth) return key[2];
    }
    return "";
  }

  function wordBefore() {
    return field.value.slice(0, field.selectionStart).match(/[a-z_0-9]*$/)[0];
  }

  function suggest(asked) {
    const word = wordBefore();
    const before = field.value.slice(0, field.selectionStart - word.length);
    const key = keyAt(before);
    const known = names[key] || (key ? [] : names[""]);
    found = known.filter((name) => name.startsWith(word) && name !== word).slice(0, 12);
    chosen = 0;
    if (!asked && !word) found = [];
    draw();
  }

  function draw() {
    choices.hidden = !found.length;
    choices.replaceChildren(
      ...found.map((name, at) => {
        const item = document.createElement("li");
        item.textContent = name;
        item.id = `policy-choice-${at}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", String(at === chosen));
        item.addEventListener("mousedown", (event) => {
          event.preventDefault();
          chosen = at;
          take();
        });
        return item;
      }),
    );
    if (found.length) field.setAttribute("aria-activedescendant", `policy-choice-${chosen}`);
    else field.removeAttribute("aria-activedescendant");
  }

  function take() {
    const start = field.selectionStart - wordBefore().length;
    field.setRangeText(found[chosen], start, field.selectionStart, "end");
    found = [];
    draw();
    count();
  }

  field.setAttribute("aria-controls", choices.id);
  field.setAttribute("aria-autocomplete", "list");
  field.addEventListener("input", () => {
    count();
    suggest(false);
  });
  field.addEventListener("scroll", () => (numbers.scrollTop = field.scrollTop));
  field.addEventListener("blur", () => {
    found = [];
    draw();
  });
  field.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.code === "Space") {
      event.preventDefault();
      return suggest(true);
    }
    if (!found.length) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
      draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      take();
    } else if (event.key === "Escape") {
      event.preventDefault();
      found = [];
      draw();
    }
  });
  // A fault leads to its line.
  for (const link of document.querySelectorAll("a[data-line]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const lines = field.value.split("\n");
      const at = Math.min(Number(link.dataset.line), lines.length) - 1;
      const start = lines.slice(0, at).reduce((sum, line) => sum + line.length + 1, 0);
      field.focus();
      field.setSelectionRange(start, start + lines[at].length);
      const height = field.scrollHeight / lines.length;
      field.scrollTop = Math.max(0, (at - 5) * height);
      field.scrollIntoView({ block: "center" });
    });
  }
  count();
}
