// What pages do besides, where a browser runs this; every page works without it.

// A form that was sent once is not sent again by a second press.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent && !("again" in form.dataset)) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
  });
}

// Coming back by the browser's own button, it may be sent once more.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Long work says how far it is; without this, one looks again by hand.
for (const part of document.querySelectorAll("[data-watch]")) {
  const look = async () => {
    const answer = await fetch(part.dataset.watch).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const found = await answer.json();
    if (found.over) return location.reload();
    const bar = part.querySelector("progress");
    bar.max = found.of;
    bar.value = found.done;
    const said = part.querySelector("[role=status]");
    if (said.textContent !== found.text) said.textContent = found.text;
    setTimeout(look, 1500);
  };
  setTimeout(look, 1500);
}

// Keys, where a page lists them: not while somebody types, and not where somebody has turned them off (WCAG 2.1.4).
const keys = document.getElementById("keys");
if (keys) {
  const [toggle, open] = [keys.querySelector("input"), document.getElementById("keys-open")];
  toggle.checked = localStorage.getItem("keys") !== "off";
  toggle.addEventListener("change", () => localStorage.setItem("keys", toggle.checked ? "on" : "off"));
  open.addEventListener("click", () => keys.showModal());
  open.hidden = false;
  let before = "";
  addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || keys.open || !toggle.checked) return;
    const [last, key] = [before, event.key];
    before = key === "g" ? key : "";
    if (key === "?") return keys.showModal();
    if (last === "g") return document.querySelector(`[data-key="${CSS.escape(key)}"]`)?.click();
    if (key !== "/") return;
    event.preventDefault();
    const field = document.querySelector("main :is(form[method=get], .filters) :is(input:not([type=hidden]), select)");
    if (field) field.focus();
    else location.href = keys.dataset.search;
  });
}
